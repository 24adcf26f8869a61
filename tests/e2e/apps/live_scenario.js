// What a JavaScript client says to a live server, in Node and in a page: `tell(io, url, options)`.
async function tell(io, url, options = {}) {
  const refused = io(url + "/admin", { ...options, forceNew: true, auth: { token: "token-of-somebody-else" } });
  await new Promise((done, failed) => {
    refused.on("connect_error", done);
    refused.on("connect", () => failed(new Error("was not refused")));
  });
  refused.disconnect();
  const socket = io(url, { ...options, forceNew: true });
  const heard = (event) => new Promise((done) => socket.once(event, (...args) => done(args)));
  const failure = new Promise((_, failed) => socket.on("connect_error", failed));
  failure.catch(() => {});
  await Promise.race([heard("welcome"), failure]);
  for (const number of [1, 2]) {
    const said = heard("said");
    const answer = await socket.timeout(5000).emitWithAck("say", { number, text: `größe ${number}` });
    if (answer.heard !== number) throw new Error(`heard ${JSON.stringify(answer)}`);
    await said;
  }
  const stored = heard("stored");
  socket.emit("store", "a.bin", new Uint8Array([0, 1, 2, 255]).buffer);
  await stored;
  socket.on("sure", (question, answer) => answer());
  const thanks = heard("thanks");
  socket.emit("ask me");
  await thanks;
  const admin = io(url + "/admin", { ...options, forceNew: true, auth: { token: "token-of-the-test" } });
  const counted = await admin.timeout(5000).emitWithAck("count");
  if (counted !== 3) throw new Error(`counted ${counted}`);
  admin.disconnect();
  socket.disconnect();
  await new Promise((done) => setTimeout(done, 100));
}

if (typeof module !== "undefined") module.exports = { tell };
