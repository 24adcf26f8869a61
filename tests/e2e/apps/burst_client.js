// Emits "move" many times at once and waits for the answers: node burst_client.js <url> <times>
const { io } = require("socket.io-client");

const [url, times] = process.argv.slice(2);
const socket = io(url, { transports: ["websocket"], rejectUnauthorized: false });

socket.on("connect", () => {
  let left = Number(times);
  for (let x = 0; x < Number(times); x++) {
    socket.emit("move", { x, y: x / 2, name: `a place ${x} €` }, () => {
      if (--left === 0) socket.disconnect();
    });
  }
});
