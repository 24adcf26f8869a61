// Answers "move" with its argument: node burst_server.js <port> [<address> [<key.pem> <certificate.pem>]]
const { readFileSync } = require("fs");
const { Server } = require("socket.io");

const [port, address, key, cert] = process.argv.slice(2);
const http = key
  ? require("https").createServer({ key: readFileSync(key), cert: readFileSync(cert) })
  : require("http").createServer();

new Server(http).on("connection", (socket) => socket.on("move", (place, done) => done(place)));
http.listen(Number(port), address || "127.0.0.1");
