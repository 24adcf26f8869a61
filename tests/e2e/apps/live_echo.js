// A WebSocket server that answers every message with itself, whatever it holds: node live_echo.js <port>
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), maxPayload: 1 << 26 });
server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
