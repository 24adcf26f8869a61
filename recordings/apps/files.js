// A file store: binary and acknowledgements in both directions, Socket.IO 4.
const { Server } = require("socket.io");
const serve = require("./serve");

const io = new Server(serve(Number(process.argv[2])));
const files = new Map();

io.on("connection", (socket) => {
  socket.on("upload", (name, content, done) => {
    files.set(name, content);
    done({ size: content.length, stored: true });
    socket.emit("preview", { name, thumbnail: content.subarray(0, 4), size: { width: 2, height: 2 } });
    socket.emit("checksum", name, 4, (sum) => socket.emit("checked", name, sum.equals(content.subarray(0, 4))));
  });
  socket.on("download", (name, done) => {
    if (files.has(name)) done(null, files.get(name));
    else done("no such file", null);
  });
  socket.on("patch", (patch) => {
    for (const { offset, bytes } of patch.parts) bytes.copy(files.get(patch.name), offset);
    socket.emit("quota", (used, limit) => socket.emit("patched", patch.name, patch.parts.map(({ bytes }) => bytes)));
  });
  socket.on("flush", (done) => done());
});
