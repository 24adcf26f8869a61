// Clients of all that mixed_server.js has: node mixed_client.js <url>
const { io } = require("socket.io-client");
const { WebSocket } = require("ws");

const [url] = process.argv.slice(2);
const transports = ["websocket"];
const heard = (socket, event) => new Promise((done) => socket.once(event, done));

(async () => {
  const admin = io(`${url}/admin`, { path: "/chat/socket.io/", transports });
  await heard(admin, "all_sockets");
  const chat = io(url, { path: "/chat/socket.io/", transports, forceNew: true });
  const seen = heard(admin, "event_received");
  await new Promise((done) => chat.emit("say", "hello", done));
  await seen;
  const stock = io(url, { path: "/stock/rt", transports });
  await heard(stock, "price");
  const plain = new WebSocket(`${url.replace("http", "ws")}/plain`);
  await heard(plain, "open");
  plain.send('42["looks like ours"]');
  await heard(plain, "message");
  for (const socket of [admin, chat, stock, plain]) socket.close();
})();
