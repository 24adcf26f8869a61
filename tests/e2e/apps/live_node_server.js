// The official server: node live_node_server.js <port> [<certificate> <key>]
const { readFileSync } = require("fs");
const { Server } = require("socket.io");

const [port, certificate, key] = process.argv.slice(2);
const nothing = (request, response) => response.writeHead(404).end("nothing is here");
const server = certificate
  ? require("https").createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, nothing)
  : require("http").createServer(nothing);
const io = new Server(server, { cors: { origin: "*" } });

io.on("connection", (socket) => {
  socket.emit("welcome", "to the house", { users: 1, quiet: false });
  socket.on("say", (saying, answer) => {
    socket.emit("said", saying.text);
    answer({ heard: saying.number, twice: [saying.number, saying.number] });
  });
  socket.on("store", (name, bytes) => socket.emit("stored", name, { bytes, size: bytes.length }));
  socket.on("tick", () => {});
  socket.on("ask me", () => socket.emit("sure", { why: "it is asked" }, () => socket.emit("thanks")));
});
io.of("/admin").use((socket, next) => {
  next(socket.handshake.auth.token === "token-of-the-test" ? undefined : new Error("unknown token"));
});
io.of("/admin").on("connection", (socket) => {
  socket.on("count", (answer) => answer(3, "rooms"));
});
server.listen(Number(port), "127.0.0.1");
