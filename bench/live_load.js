// Load on a server, or on a proxy before it; prints one line of JSON.
//
//   closed <url> <seconds> <bytes>         as fast as it goes: 8 connections, each with 16 events unanswered
//   open <url> <seconds> <bytes> <rate>    so many events a second, whatever the answers do
//   stream <url> <count> <bytes>           so many events on one connection that are not acknowledged
//   sessions <url> <count>                 so many sessions, one after the other, each left with what never comes
//
// closed and open give `events`, `seconds`, and `times` from event to acknowledgement in ms.
const [kind, url, ...numbers] = process.argv.slice(2);
const [first, bytes, rate] = numbers.map(Number);
const CONNECTIONS = 8, WINDOW = 16;

const { io } = require("socket.io-client");
const now = () => Number(process.hrtime.bigint()) / 1e6;
const later = (ms) => new Promise((done) => setTimeout(done, ms));

// A nested document of about that size: what costs a decoder most.
function saying(number) {
  if (bytes <= 200) return { number, text: "x".repeat(Math.max(1, bytes - 60)) };
  const rows = [];
  for (let at = 0; at < bytes / 60; at++) rows.push({ id: at, name: `row ${at}`, price: at / 7, tags: ["a", "b"] });
  return { number, rows };
}

async function connect() {
  const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
  await new Promise((done, failed) => socket.on("connect", done).on("connect_error", failed));
  return socket;
}

function told(times, seconds) {
  const rounded = times.map((time) => Number(time.toFixed(3)));
  process.stdout.write(JSON.stringify({ events: times.length, seconds, times: rounded }) + "\n", () => process.exit());
}

async function timed(emit) {
  const sockets = [];
  for (let number = 0; number < CONNECTIONS; number++) sockets.push(await connect());
  const times = [];
  const began = now();
  const end = began + first * 1000;
  const send = (socket, then) => {
    const sent = now();
    socket.emit("say", document, () => {
      times.push(now() - sent);
      then?.();
    });
  };
  const document = saying(1);
  await emit(sockets, send, end);
  told(times, (now() - began) / 1000);
}

const kinds = {
  closed: () =>
    timed(async (sockets, send, end) => {
      for (const socket of sockets) {
        const again = () => now() < end && send(socket, again);
        for (let number = 0; number < WINDOW; number++) again();
      }
      await later(first * 1000);
    }),
  open: () =>
    timed(async (sockets, send, end) => {
      const began = now();
      for (let number = 0; now() < end; ) {
        for (; number < ((now() - began) / 1000) * rate; number++) send(sockets[number % CONNECTIONS]);
        await later(1);
      }
      await later(500);
    }),
  stream: async () => {
    const socket = await connect();
    const document = saying(1);
    for (let number = 0; number < first; number++) {
      socket.emit("tell", document);
      if (number % 500 === 499) await new Promise((done) => socket.emit("say", { number }, done));
    }
    await new Promise((done) => socket.emit("say", { number: 0 }, done));
    console.log(JSON.stringify({ events: first }));
    process.exit();
  },
  // Spoken without a client, so that the acknowledgement and the attachment are never sent.
  sessions: async () => {
    const { WebSocket } = require("ws");
    for (let number = 0; number < first; number++) {
      const socket = new WebSocket(url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket");
      await new Promise((done, failed) => {
        socket.on("error", failed);
        socket.on("message", (data) => {
          const text = data.toString();
          if (text.startsWith("0")) socket.send("40");
          if (!text.startsWith("40")) return;
          socket.send(`42["tell",{"number":${number}}]`);
          socket.send(`421["never answered",{"number":${number}}]`);
          socket.send(`42${number}["never answered",{"number":${number},"text":"${"x".repeat(500)}"}]`);
          socket.send('451-["never whole",{"_placeholder":true,"num":0}]', () => setTimeout(() => socket.close(), 1));
        });
        socket.on("close", done);
      });
    }
    console.log(JSON.stringify({ sessions: first }));
    process.exit();
  },
};

kinds[kind]().catch((error) => {
  console.error(error);
  process.exit(1);
});
