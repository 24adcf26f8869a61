// A parser as an application may write its own: "#type|namespace|id|JSON", the one of docs/parsers.md.
const Emitter = require("events");

class Encoder {
  encode({ type, nsp, id = "", data }) {
    return [`#${type}|${nsp}|${id}|${data === undefined ? "" : JSON.stringify(data)}`];
  }
}

class Decoder extends Emitter {
  add(message) {
    const [, type, nsp, id, data] = /^#(\d)\|([^|]*)\|(\d*)\|(.*)$/s.exec(message);
    const packet = { type: Number(type), nsp, data: data ? JSON.parse(data) : undefined };
    this.emit("decoded", id ? { ...packet, id: Number(id) } : packet);
  }
  destroy() {}
}
// what socket.io-client listens with
Decoder.prototype.off = Emitter.prototype.removeListener;

module.exports = { protocol: 5, Encoder, Decoder };
