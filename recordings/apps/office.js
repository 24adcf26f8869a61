// An office: everybody's status in the root namespace, an /admin namespace behind a token, Socket.IO 4.
const { Server } = require("socket.io");
const serve = require("./serve");

const io = new Server(serve(Number(process.argv[2]), "office.html"));
const admin = io.of("/admin");

io.on("connection", (socket) => {
  socket.on("status", (status) => {
    io.emit("colleague", { name: "ann", status });
    admin.emit("audit", { actor: "ann", action: "status", at: new Date() });
  });
  socket.on("lunch?", (done) => done(true, ["canteen", "park"]));
});

admin.use((socket, next) => {
  if (socket.handshake.auth.token === "token-of-the-demo") return next();
  next(Object.assign(new Error("not authorized"), { data: { code: "unknown-token", retryAfter: 30 } }));
});
admin.on("connection", (socket) => {
  socket.on("kick", (name, minutes, done) => {
    admin.emit("audit", { actor: "admin", action: "kick", at: new Date(), target: { name, minutes } });
    done({ kicked: true });
  });
});
