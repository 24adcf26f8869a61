// A game of numbers, documented by zod-sockets itself: `node app.mjs PORT`, or `node app.mjs --document`.

import http from "node:http";
import { Server } from "socket.io";
import { z } from "zod";
import * as sockets from "zod-sockets";

const { ActionsFactory, Documentation, attachSockets, createSimpleConfig } = sockets;

const config = createSimpleConfig({
  emission: {
    round: { schema: z.tuple([z.number().int(), z.object({ open: z.boolean(), winner: z.string().nullable() })]) },
    over: { schema: z.tuple([]) },
  },
});
const factory = new ActionsFactory(config);

const guess = factory.build({
  event: "guess",
  input: z.tuple([z.number().int().min(1).max(100), z.string()]),
  output: z.tuple([z.enum(["low", "high", "hit"])]),
  handler: async ({ input: [number, name], client }) => {
    const verdict = number < 42 ? "low" : number > 42 ? "high" : "hit";
    await client.emit("round", number, { open: verdict !== "hit", winner: verdict === "hit" ? name : null });
    return [verdict];
  },
});
const stop = factory.build({
  event: "stop",
  input: z.tuple([]),
  handler: async ({ client }) => {
    await client.emit("over");
  },
});

if (process.argv[2] === "--document") {
  const document = new Documentation({
    title: "Numbers",
    version: "1.0.0",
    actions: [guess, stop],
    config,
    servers: { here: { url: "ws://localhost:8090" } },
  });
  process.stdout.write(document.getSpecAsYaml());
} else {
  const server = http.createServer();
  const io = new Server();
  await attachSockets({ io, target: server, actions: [guess, stop], config });
  server.listen(Number(process.argv[2]), "127.0.0.1");
}
