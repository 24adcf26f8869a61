// A server with a parser of its own: node own_parser_server.js <port>
const { createServer } = require("http");
const { Server } = require("socket.io");

const http = createServer();
new Server(http, { parser: require("./own_parser") }).on("connection", (socket) => {
  socket.on("add", (left, right, done) => done({ sum: left + right }));
  socket.emit("welcome", "größe|😀");
});
http.listen(Number(process.argv[2]), "127.0.0.1");
