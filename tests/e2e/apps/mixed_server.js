// One HTTP server with two Socket.IO servers under paths of their own, the admin UI at one of them, and a WebSocket that is
// none of them: node mixed_server.js <port>
const { createServer } = require("http");
const { Server } = require("socket.io");
const { WebSocketServer } = require("ws");
const { instrument } = require("@socket.io/admin-ui");

const http = createServer();
const chat = new Server(http, { path: "/chat/socket.io/", destroyUpgrade: false });
const stock = new Server(http, { path: "/stock/rt", destroyUpgrade: false });
const plain = new WebSocketServer({ noServer: true });

chat.on("connection", (socket) => socket.on("say", (text, done) => done({ length: text.length })));
stock.on("connection", (socket) => socket.emit("price", { symbol: "ACME", price: 12.5 }));
instrument(chat, { auth: false, mode: "development" });
plain.on("connection", (socket) => socket.on("message", (data) => socket.send(data.toString())));
http.on("upgrade", (request, socket, head) => {
  if (request.url.startsWith("/plain")) plain.handleUpgrade(request, socket, head, (opened) => plain.emit("connection", opened));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
