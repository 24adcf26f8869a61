// Official clients that all tell the same scenario, one cell after the other:
//
//   node matrix_client.js <scenario.json> <cells.json>
//
// A cell has the port of the server, or of a proxy before it, the client's major version (1, 2, 4), its parser (default,
// json, msgpack) and its transports. Prints a line for each cell: "ok NAME" or "FAILED NAME: why".
const { readFileSync } = require("fs");
const { tell } = require("./telling");

const [scenario, cells] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path)));

const libraries = {
  1: () => require("socket.io-client-1"),
  2: () => require("socket.io-client-2"),
  4: () => require("socket.io-client"),
};
const parsers = {
  default: () => undefined,
  json: (version) => require(version === 4 ? "socket.io-json-parser" : "socket.io-json-parser-2"),
  msgpack: (version) => require(version === 4 ? "socket.io-msgpack-parser" : "socket.io-msgpack-parser-2"),
};

(async () => {
  for (const cell of cells) {
    const { Manager } = libraries[cell.version]();
    console.log(await tell(cell, scenario, Manager, parsers[cell.parser](cell.version)));
  }
  process.exit();
})();
