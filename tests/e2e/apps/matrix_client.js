// Official clients that all tell the same scenario, one cell after the other:
//
//   node matrix_client.js <scenario.json> <cells.json>
//
// A cell has the port of the server, or of a proxy before it, the client's major version (1, 2, 4), its parser (default,
// msgpack) and its transports. Prints a line for each cell: "ok NAME" or "FAILED NAME: why".
const { readFileSync } = require("fs");
const { carried, hear, say } = require("./scenario");

const [scenario, cells] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path)));
const SECONDS = 5;

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
    try {
      await within(refused(cell));
      await within(told(cell));
      console.log(`ok ${cell.name}`);
    } catch (error) {
      console.log(`FAILED ${cell.name}: ${error.message}`);
    }
  }
  process.exit();
})();

function connection(cell) {
  const { Manager } = libraries[cell.version]();
  const parser = parsers[cell.parser](cell.version);
  const options = { transports: cell.transports, query: { room: "hall" }, reconnection: false, forceNew: true };
  return new Manager(`http://127.0.0.1:${cell.port}`, parser ? { ...options, parser } : options);
}

// A namespace's credential: CONNECT's payload in protocol 5, a query string before.
function credential(cell, token) {
  return cell.version === 4 ? { auth: { token } } : { query: `token=${token}` };
}

async function refused(cell) {
  const manager = connection(cell);
  const socket = manager.socket("/admin", credential(cell, "token-of-somebody-else"));
  const reason = await new Promise((done, failed) => {
    socket.on(cell.version === 4 ? "connect_error" : "error", done);
    socket.on("connect", () => failed(new Error("was not refused")));
  });
  if ((reason.message ?? reason) !== "refused") throw new Error("was refused for another reason");
  close(manager);
}

async function told(cell) {
  const manager = connection(cell);
  const steps = carried(scenario, cell);
  const upgraded = new Promise((done) => manager.on("open", () => manager.engine.on("upgrade", done)));
  await converse(manager.socket("/"), steps["/"]);
  if (cell.transports.length > 1) await upgraded;
  await converse(manager.socket("/admin", credential(cell, "token-of-the-demo")), steps["/admin"]);
  await new Promise((done) => setTimeout(done, 20));
  close(manager);
}

async function converse(socket, { c2s, s2c }) {
  const heard = hear(socket, s2c);
  heard.catch(() => {});
  await new Promise((done, failed) => {
    socket.on("connect", done);
    socket.on("connect_error", failed);
    socket.on("error", (reason) => failed(new Error(JSON.stringify(reason))));
  });
  await say(socket, c2s);
  await heard;
}

function close(manager) {
  manager.engine.close();
}

function within(promise) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`took longer than ${SECONDS} s`)), SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
