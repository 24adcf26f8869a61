// Connects to namespaces of a mock, one after another: node mock_visits.js URL EVENT NAMESPACE...
// In each it asks EVENT with a number and, after a moment, prints {namespace, error, ack, heard}; `heard` has events once each.
"use strict";
const { io } = require("socket.io-client");

const [url, event, ...names] = process.argv.slice(2);
const moment = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function visit(namespace) {
  const seen = { namespace, error: null, ack: null, heard: [] };
  const socket = io(url + namespace, { forceNew: true, reconnection: false });
  socket.onAny((name) => seen.heard.includes(name) || seen.heard.push(name));
  socket.on("connect_error", (error) => (seen.error = error.message));
  await new Promise((done) => socket.once("connect", done).once("connect_error", done));
  if (socket.connected) {
    seen.ack = await socket.timeout(5000).emitWithAck(event, 1);
    await moment(1000);
  }
  socket.disconnect();
  console.log(JSON.stringify(seen));
}

(async () => {
  for (const namespace of names) await visit(namespace);
  process.exit(0);
})();
