// Official servers that all tell the same scenario: node matrix_server.js <scenario.json> <cells.json>
//
// A cell has the port to listen on, the server's major version (1, 2, 4) and its parser (default, msgpack, json).
const { readFileSync } = require("fs");
const { createServer } = require("http");
const { carried, hear, say } = require("./scenario");

const [scenario, cells] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path)));

const parsers = {
  default: {},
  json: { 2: () => require("socket.io-json-parser-2"), 4: () => require("socket.io-json-parser") },
  msgpack: { 2: () => require("socket.io-msgpack-parser-2"), 4: () => require("socket.io-msgpack-parser") },
};
const servers = {
  1: (http) => require("socket.io-1")(http, { serveClient: false }),
  2: (http, options) => require("socket.io-2")(http, { ...options, serveClient: false }),
  4: (http, options) => new (require("socket.io").Server)(http, { ...options, allowEIO3: true }),
};

for (const cell of cells) {
  const http = createServer();
  const parser = parsers[cell.parser][cell.version];
  const io = servers[cell.version](http, parser ? { parser: parser() } : {});
  io.of("/admin").use((socket, next) => {
    const { auth = {}, query } = socket.handshake;
    if ((auth.token || query.token) === "token-of-the-demo") return next();
    const refusal = new Error("refused");
    // Protocol 4 would send the data in place of the message, and its msgpack parser takes none but a string.
    if (socket.conn.protocol === 4) refusal.data = { code: 7, why: "unknown token" };
    next(refusal);
  });
  for (const [namespace, { c2s, s2c }] of Object.entries(carried(scenario, cell))) {
    io.of(namespace).on("connection", (socket) => {
      hear(socket, c2s)
        .then(() => say(socket, s2c))
        .catch((error) => console.log(`FAILED ${cell.name} ${namespace}: ${error.message}`));
    });
  }
  http.listen(cell.port, "127.0.0.1");
}
