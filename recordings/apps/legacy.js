// An old guest book, Socket.IO 2: query strings instead of auth.
const serve = require("./serve");

const client = "socket.io-client-2/dist/socket.io.js";
const io = require("socket.io-2")(serve(Number(process.argv[2]), "legacy.html", client), { serveClient: false });
const admin = io.of("/admin");
const book = [];

io.on("connection", (socket) => {
  socket.on("sign", (entry, done) => {
    book.push(entry);
    io.emit("signed", entry.name, entry.text, book.length);
    done(book.length);
  });
  socket.on("history", (done) => done(book));
});

admin.use((socket, next) => {
  if (socket.handshake.query.token === "token-of-the-demo") return next();
  next(Object.assign(new Error("refused"), { data: { reason: "unknown token" } }));
});
admin.on("connection", (socket) => {
  socket.on("clear", () => {
    socket.emit("cleared", book.length, (sure) => book.splice(0));
    io.emit("empty");
  });
});
