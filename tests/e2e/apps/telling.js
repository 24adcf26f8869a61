// The client's part of the scenario, in Node as in a browser: tell(cell, scenario, Manager, parser?) resolves to the line that
// says how it went.
const { carried, hear, say } = require("./scenario");

const SECONDS = 15;

async function tell(cell, scenario, Manager, parser) {
  const connection = () => {
    const options = { transports: cell.transports, forceJSONP: cell.jsonp, query: { room: "hall" }, reconnection: false };
    return new Manager(`http://127.0.0.1:${cell.port}`, { ...options, ...(parser && { parser }) });
  };
  try {
    await within(refused(cell, connection()));
    await within(told(cell, connection(), carried(scenario, cell)));
    if (cell.jsonp) await pause(500); // a poll under way when its page is closed has no answer
    return `ok ${cell.name}`;
  } catch (error) {
    return `FAILED ${cell.name}: ${error.message}`;
  }
}

// A namespace's credential: CONNECT's payload in protocol 5, a query string before.
const isProtocol5 = (cell) => cell.version >= 3;
const credential = (cell, token) => (isProtocol5(cell) ? { auth: { token } } : { query: `token=${token}` });

async function refused(cell, manager) {
  const socket = manager.socket("/admin", credential(cell, "token-of-somebody-else"));
  const reason = await new Promise((done, failed) => {
    socket.on(isProtocol5(cell) ? "connect_error" : "error", done);
    socket.on("connect", () => failed(new Error("was not refused")));
  });
  if ((reason.message ?? reason) !== "refused") throw new Error("was refused for another reason");
  manager.engine.close();
}

async function told(cell, manager, steps) {
  const upgraded = new Promise((done) => manager.on("open", () => manager.engine.on("upgrade", done)));
  await converse(manager.socket("/"), steps["/"]);
  if (cell.transports.length > 1) await upgraded;
  await converse(manager.socket("/admin", credential(cell, "token-of-the-demo")), steps["/admin"]);
  await pause(cell.jsonp ? 200 : 20); // the last answer is still to leave
  manager.engine.close();
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

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function within(promise) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`took longer than ${SECONDS} s`)), SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

module.exports = { tell };
