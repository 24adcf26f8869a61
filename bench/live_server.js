// The server that is measured through the proxy: the official one. node bench/live_server.js <port>
const { Server } = require("socket.io");

const io = new Server(Number(process.argv[2]), { perMessageDeflate: false, maxHttpBufferSize: 1e7 });
io.on("connection", (socket) => {
  socket.on("say", (saying, answer) => answer(saying.number));
  socket.on("tell", () => {});
});
