// Two sensors send what they measured: Socket.IO 4's client with the msgpack parser.
const { io } = require("socket.io-client");
const parser = require("socket.io-msgpack-parser");

const socket = io(process.argv[2], { parser });
const upgraded = new Promise((done) => socket.io.engine.once("upgrade", done)); // which may come before the connect
socket.on("calibrate", (calibration, done) => done(true));

socket.on("connect", async () => {
  await upgraded;
  socket.emit("sample", "south", { at: new Date(), values: [20.5, 21], raw: Buffer.from([1, 2, 3]) });
  socket.emit("firmware", "south", () => {
    socket.emit("sample", "north°", { at: new Date(), values: [-1, 0.25, 3, 4], raw: Buffer.alloc(300, 7), battery: 0.9 });
  });
  socket.once("calibrated", () => socket.disconnect());
});
