// Both sides of the scenario: `say` speaks one side's steps, `hear` checks and answers the other's.
const { deepStrictEqual } = require("assert");

const binary = (length) => Buffer.from(Array.from({ length }, (_, index) => index % 251));

// The scenario's values, with `{$binary: n}` replaced by bytes.
function real(value) {
  if (Array.isArray(value)) return value.map(real);
  if (value === null || typeof value !== "object") return value;
  if ("$binary" in value) return binary(value.$binary);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, real(inner)]));
}

function same(received, expected, step) {
  try {
    deepStrictEqual(received.map(comparable), real(expected).map(comparable));
  } catch (error) {
    throw new Error(`"${step.event}" arrived otherwise: ${error.message}`);
  }
}

// Binary arrives as Buffer, ArrayBuffer or Uint8Array; some parsers make objects without a prototype.
function comparable(value) {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("hex");
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

// Emits the steps; the last one when all acknowledgements are in. Resolves when it has left.
async function say(socket, steps) {
  const answers = steps.slice(0, -1).map((step) => emit(socket, step));
  await Promise.all(answers);
  await emit(socket, steps[steps.length - 1]);
}

function emit(socket, step) {
  const args = [step.event, ...real(step.args)];
  if (!step.ack) return socket.emit(...args);
  return new Promise((done, failed) =>
    socket.emit(...args, (...answer) => {
      try {
        done(same(answer, step.ack, step));
      } catch (error) {
        failed(error);
      }
    }),
  );
}

// Checks and answers the steps as they come, in their order. Resolves when the last one came.
function hear(socket, steps) {
  let next = 0;
  return new Promise((done, failed) => {
    for (const event of new Set(steps.map((step) => step.event))) {
      socket.on(event, (...received) => {
        try {
          const step = steps[next++];
          if (!step || step.event !== event) throw new Error(`"${event}" came out of turn`);
          const answer = step.ack && received.pop();
          same(received, step.args, step);
          if (answer) answer(...real(step.ack));
          if (next === steps.length) done();
        } catch (error) {
          failed(error);
        }
      });
    }
  });
}

// What the cell's parser can carry: JSON alone has no binary.
function carried(scenario, cell) {
  if (cell.parser !== "json") return scenario;
  const plain = (steps) => steps.filter((step) => !JSON.stringify(step).includes("$binary"));
  return Object.fromEntries(
    Object.entries(scenario).map(([namespace, { c2s, s2c }]) => [namespace, { c2s: plain(c2s), s2c: plain(s2c) }]),
  );
}

module.exports = { carried, hear, say };
