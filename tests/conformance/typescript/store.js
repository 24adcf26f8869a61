// A store of entries, server and client in one program: node store.js PORT URL. The compiler checks it against store.events.ts.
import { Server } from "socket.io";
import { io } from "socket.io-client";

/** @import { Socket } from "socket.io-client" */
/** @import { ClientToServerEvents, Entry, ServerToClientEvents } from "./store.events.js" */

const [port, url] = process.argv.slice(2);
/** @type {Entry[]} */
let entries = [];

/** @type {Server<ClientToServerEvents, ServerToClientEvents>} */
const server = new Server(Number(port));
server.on("connection", (socket) => {
  socket.emit("entries", entries);
  socket.on("update-store", (updated) => {
    entries = updated;
    server.emit("entries", entries);
  });
});

/** @type {Socket<ServerToClientEvents, ClientToServerEvents>} */
const client = io(String(url), { transports: ["websocket"] });
client.on("entries", (received) => {
  if (received.length < 2) {
    client.emit("update-store", [...received, { finished: received.length > 0, editing: false, label: "an entry" }]);
    return;
  }
  client.disconnect();
  server.close();
});
