// A price ticker with connection state recovery, Socket.IO 4: a client that lost its connection misses nothing.
const { Server } = require("socket.io");
const serve = require("./serve");

const io = new Server(serve(Number(process.argv[2])), { connectionStateRecovery: {} });

io.on("connection", (socket) => {
  socket.on("watch", (symbol, every) => socket.join(symbol));
  socket.on("open", (done) => {
    io.emit("bell");
    io.to("ACME").emit("tick", "ACME", { price: 12.5 });
    done("open");
  });
  socket.on("lose me", () => {
    socket.conn.close();
    setTimeout(() => io.to("ACME").emit("tick", "ACME", { price: 13, volume: 400 }), 20);
  });
});
