// The classic chat: everybody in one room, Socket.IO 4.
const { Server } = require("socket.io");
const serve = require("./serve");

const io = new Server(serve(Number(process.argv[2]), "chat.html"));
let numUsers = 0;

io.on("connection", (socket) => {
  let username;
  socket.on("add user", (name) => {
    if (username) return;
    username = name;
    numUsers += 1;
    socket.emit("login", { numUsers });
    socket.broadcast.emit("user joined", { username, numUsers });
  });
  socket.on("new message", (message) => socket.broadcast.emit("new message", { username, message }));
  socket.on("typing", () => socket.broadcast.emit("typing", { username }));
  socket.on("stop typing", () => socket.broadcast.emit("stop typing", { username }));
  socket.on("disconnect", () => {
    if (!username) return;
    numUsers -= 1;
    socket.broadcast.emit("user left", { username, numUsers });
  });
});
