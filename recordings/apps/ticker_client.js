// Watches a price, loses the connection on purpose and gets what it missed: Socket.IO 4's client.
const { io } = require("socket.io-client");

const socket = io(process.argv[2], { transports: ["websocket"], reconnectionDelay: 200 });

socket.on("connect", () => {
  if (socket.recovered) {
    socket.emit("open", () => socket.disconnect());
    return;
  }
  socket.emit("watch", "ACME", 5);
  socket.emit("open", () => socket.emit("lose me"));
});
socket.on("bell", () => {});
socket.on("tick", () => {});
