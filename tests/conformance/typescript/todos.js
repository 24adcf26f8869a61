// A list of tasks, server and client in one program: node todos.js PORT URL. The compiler checks it against todos.events.ts.
import { Server } from "socket.io";
import { io } from "socket.io-client";

/** @import { Socket } from "socket.io-client" */
/** @import { ClientToServerEvents, ServerToClientEvents, Task } from "./todos.events.js" */

const [port, url] = process.argv.slice(2);
/** @type {Map<string, Task>} */
const tasks = new Map();

/** @type {Server<ClientToServerEvents, ServerToClientEvents>} */
const server = new Server(Number(port));
server.on("connection", (socket) => {
  socket.on("todo:list", (callback) => callback({ data: [...tasks.values()] }));
  socket.on("todo:create", (task, callback) => {
    const id = `task-${tasks.size}`;
    tasks.set(id, { ...task, id });
    callback({ data: id });
    socket.emit("todo:created", { ...task, id });
  });
  socket.on("todo:read", (id, callback) => callback({ data: /** @type {Task} */ (tasks.get(id)) }));
  socket.on("todo:update", (task, callback) => {
    tasks.set(task.id, task);
    callback();
    socket.emit("todo:updated", task);
  });
  socket.on("todo:delete", (id, callback) => {
    tasks.delete(id);
    callback();
    socket.emit("todo:deleted", id);
  });
});

/** @type {Socket<ServerToClientEvents, ClientToServerEvents>} */
const client = io(String(url), { transports: ["websocket"] });
client.on("todo:deleted", () => {
  client.disconnect();
  server.close();
});
client.emit("todo:create", { done: false, title: "water the plants" }, async ({ data: id }) => {
  const { data: task } = await client.emitWithAck("todo:read", id);
  await client.emitWithAck("todo:update", { ...task, done: true });
  await client.emitWithAck("todo:list");
  client.emit("todo:delete", id, () => {});
});
