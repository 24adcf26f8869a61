// Visits mocks as their contracts allow: node mock_client.js SCENARIOS, a file of
// [{name, url, path, parser, visits: [{query, auths}], refused: {namespace: auth}, namespaces: {name: {emits, answers, counts}}}].
// Bytes stand as {"$bytes": hexadecimal}. Prints `ok NAME` or `FAILED NAME: why` for each.
"use strict";
const { readFileSync } = require("node:fs");
const { io } = require("socket.io-client");
const msgpack = require("socket.io-msgpack-parser");

const bytes = (value) => {
  if (Array.isArray(value)) return value.map(bytes);
  if (value === null || typeof value !== "object") return value;
  if ("$bytes" in value) return Buffer.from(value.$bytes, "hex");
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bytes(item)]));
};

const within = (seconds, what, promise) =>
  Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error(`no ${what} in ${seconds} s`)), seconds * 1000).unref())]);

async function visit(scenario, query, auths, use) {
  const options = { path: scenario.path, query, forceNew: true, reconnection: false };
  if (scenario.parser === "msgpack") options.parser = msgpack;
  const first = io(scenario.url + "/", { ...options, auth: auths["/"] ?? undefined });
  const sockets = { "/": first };
  for (const name of Object.keys(auths)) if (name !== "/") sockets[name] = first.io.socket(name, { auth: auths[name] ?? undefined });
  try {
    await Promise.all(Object.entries(sockets).map(([name, socket]) => use(name, socket)));
  } finally {
    first.io.engine?.close();
  }
}

const connected = (name, socket) =>
  within(20, `connection to ${name}`, new Promise((yes, no) => {
    if (socket.connected) yes();
    socket.once("connect", yes);
    socket.once("connect_error", no);
    socket.connect();
  }));

async function refused(name, socket) {
  await within(20, `refusal of ${name}`, new Promise((yes, no) => {
    socket.once("connect", () => no(new Error(`${name} was not refused`)));
    socket.once("connect_error", yes);
    socket.connect();
  }));
}

async function talk(name, socket, { emits, answers, counts }) {
  const waiting = new Map(Object.entries(counts));
  let satisfied;
  const all = new Promise((yes) => (satisfied = yes));
  const turns = {};
  socket.onAny((event, ...args) => {
    const reply = args.at(-1);
    if (typeof reply === "function" && answers[event]) {
      const list = answers[event];
      turns[event] = (turns[event] ?? -1) + 1;
      reply(...bytes(list[turns[event] % list.length]));
    }
    waiting.set(event, (waiting.get(event) ?? 0) - 1);
    if ([...waiting.values()].every((left) => left <= 0)) satisfied();
  });
  if (!waiting.size) satisfied();
  await connected(name, socket);
  for (const { event, args, ack } of emits) {
    if (ack) await within(20, `acknowledgement of ${event}`, socket.emitWithAck(event, ...bytes(args)));
    else socket.emit(event, ...bytes(args));
  }
  await within(60, `events in ${name}: ${JSON.stringify([...waiting])}`, all);
}

async function run(scenario) {
  const plain = Object.keys(scenario.refused).length ? { "/": null } : {};
  for (const [name, auth] of Object.entries(scenario.refused)) {
    const others = name === "/" ? {} : { "/": scenario.visits[0].auths["/"] };
    await visit(scenario, scenario.visits[0].query, { ...plain, ...others, [name]: auth }, (at, socket) =>
      at === name ? refused(at, socket) : connected(at, socket));
  }
  for (const { query, auths } of scenario.visits.slice(1)) await visit(scenario, query, auths, connected);
  const { query, auths } = scenario.visits[0];
  await visit(scenario, query, auths, (name, socket) => talk(name, socket, scenario.namespaces[name]));
}

Promise.all(
  JSON.parse(readFileSync(process.argv[2], "utf8")).map((scenario) =>
    run(scenario).then(
      () => console.log(`ok ${scenario.name}`),
      (error) => console.log(`FAILED ${scenario.name}: ${error.message}`),
    ),
  ),
).then(() => process.exit(0));
