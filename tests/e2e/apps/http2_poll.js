// A server of HTTP/2 and one poll of it: node http2_poll.js <port> <key.pem> <certificate.pem>
const { readFileSync } = require("fs");
const http2 = require("http2");

const [port, key, cert] = process.argv.slice(2);
const server = http2.createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) });
server.on("stream", (stream) => stream.end('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'));
server.listen(Number(port), "127.0.0.1", () => {
  const client = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const poll = client.request({ ":path": "/socket.io/?EIO=4&transport=polling" });
  poll.resume();
  poll.on("end", () => client.close(() => server.close()));
});
