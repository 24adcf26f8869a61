// The official encoders as a service: a JSON request a line on stdin, its answer a line on stdout.
//
//   {"version": 1 | 2 | 4, "parser": "default" | "msgpack" | "json", "framing": "websocket" | "polling" | "base64",
//    "packets": [{"type", "nsp", "data"?, "id"?}]}
//
// answers {"websocket": [MESSAGE...]} with what each WebSocket message carries, or {"body": HEX}, all packets in one
// polling body. Binary stands as {"$hex": "0102"} in both directions.
const { join } = require("path");
const { createInterface } = require("readline");

const of = (owner, name) => require(join(process.env.NODE_PATH, owner, "node_modules", name));

const socketParsers = {
  1: { default: of("socket.io-1", "socket.io-parser") },
  2: {
    default: of("socket.io-2", "socket.io-parser"),
    msgpack: require("socket.io-msgpack-parser-2"),
    json: require("socket.io-json-parser-2"),
  },
  4: {
    default: require("socket.io-parser"),
    msgpack: require("socket.io-msgpack-parser"),
    json: require("socket.io-json-parser"),
  },
};
const engineParsers = {
  1: of("socket.io-1", "engine.io-parser"),
  2: of("socket.io-2", "engine.io-parser"),
  4: require("engine.io-parser"),
};

function fromWire(value) {
  if (Array.isArray(value)) return value.map(fromWire);
  if (value === null || typeof value !== "object") return value;
  if ("$hex" in value) return Buffer.from(value.$hex, "hex");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromWire(inner)]));
}

const toWire = (value) => (typeof value === "string" ? value : { $hex: Buffer.from(value).toString("hex") });

const hasBinary = (value) =>
  Buffer.isBuffer(value) ||
  (value !== null && typeof value === "object" && Object.values(value).some((inner) => hasBinary(inner)));

// The messages that a packet becomes: a text, with binary ones after it.
function messages({ version, parser }, packet) {
  const encoder = new socketParsers[version][parser].Encoder();
  const own = { ...packet, data: fromWire(packet.data) };
  if (own.data === undefined) delete own.data;
  if (version === 4) return encoder.encode(own);
  // before 4.x it is the caller's part to name a packet with binary
  if (parser === "default" && hasBinary(own.data)) own.type += own.type === 2 || own.type === 3 ? 3 : 0;
  let encoded;
  encoder.encode(own, (result) => (encoded = result));
  return encoded;
}

function payload(version, supportsBinary, packets) {
  let encoded;
  if (version === 4) engineParsers[4].encodePayload(packets, (result) => (encoded = result));
  else engineParsers[version].encodePayload(packets, supportsBinary, (result) => (encoded = result));
  return Buffer.from(encoded);
}

function message(version, packet) {
  let encoded;
  if (version === 4) engineParsers[4].encodePacket(packet, true, (result) => (encoded = result));
  else engineParsers[version].encodePacket(packet, true, (result) => (encoded = result));
  return toWire(encoded);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const packets = request.packets
    .flatMap((packet) => messages(request, packet))
    .map((data) => ({ type: "message", data }));
  const answer =
    request.framing === "websocket"
      ? { websocket: packets.map((packet) => message(request.version, packet)) }
      : { body: payload(request.version, request.framing === "polling", packets).toString("hex") };
  process.stdout.write(JSON.stringify(answer) + "\n");
});
