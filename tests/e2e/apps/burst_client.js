// Emits "move" many times at once and waits for the answers: node burst_client.js <url> <times> [<transport,transport> [<proxy>]]
const { HttpsProxyAgent } = require("https-proxy-agent");
const { io } = require("socket.io-client");

const [url, times, transports = "websocket", proxy] = process.argv.slice(2);
const agent = proxy && new HttpsProxyAgent(proxy);
const socket = io(url, { transports: transports.split(","), rejectUnauthorized: false, agent });

socket.on("connect", () => {
  let left = Number(times);
  for (let x = 0; x < Number(times); x++) {
    socket.emit("move", { x, y: x / 2, name: `a place ${x} €` }, () => {
      if (--left === 0) socket.disconnect();
    });
  }
});
