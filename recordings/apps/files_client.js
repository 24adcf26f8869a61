// Uploads, patches and downloads two files: Socket.IO 4's client, with the transports given.
const { io } = require("socket.io-client");

const [url, ...transports] = process.argv.slice(2);
const socket = io(url, { transports });
const once = (event) => new Promise((seen) => socket.once(event, (...args) => seen(args)));
const ask = (...args) => new Promise((answered) => socket.emit(...args, (...answer) => answered(answer)));

socket.on("checksum", (name, length, done) => done(Buffer.from([1, 2, 3, 4].slice(0, length))));
socket.on("quota", (done) => done(2048, 65536));

(async () => {
  // the upgrade may come before the namespace is entered, so both are listened for from the start
  const upgraded = transports.length > 1 ? new Promise((done) => socket.io.engine.once("upgrade", done)) : undefined;
  await once("connect");
  await upgraded;
  for (const [name, length] of [["notes.txt", 5], ["größe.bin", 1500]]) {
    const seen = [once("preview"), once("checked")];
    await ask("upload", name, Buffer.from(Array.from({ length }, (_, index) => (index + 1) % 256)));
    await Promise.all(seen);
    const patched = once("patched");
    socket.emit("patch", { name, parts: [{ offset: 0, bytes: Buffer.from([9]) }, { offset: 2, bytes: Buffer.from([8, 7]) }] });
    await patched;
    await ask("download", name);
  }
  await ask("download", "missing.txt");
  await ask("flush");
  socket.disconnect();
})();
