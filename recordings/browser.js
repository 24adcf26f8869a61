// Drives Chromium through an app's pages and records what each page's network saw.
//
//   node browser.js <chromium> devtools|playwright|cdp <visit script> <url> <output>
//
// devtools    The HAR that Chrome's own DevTools writes: its real frontend is attached to the page, and its
//             exporter is asked for the file ("Export HAR with sensitive data"), without the `.js` files.
// playwright  Playwright's recordHar with attached content: a zip.
// cdp         The Network events of the DevTools protocol, one JSON object a line.
//
// The visit script exports `async (open, url)`; `open(name)` gives a Playwright page that is being recorded. With
// several pages, "{}" in the output stands for the page's name.
const { writeFileSync } = require("fs");
const { createServer } = require("net");
const { resolve } = require("path");
const { chromium } = require("playwright-core");

const [executablePath, recorder, visit, url, output] = process.argv.slice(2);
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--remote-allow-origins=*",
];
const IDENTITY = { userAgent: "Chromium", locale: "en" };

const recorders = { devtools, playwright, cdp };

let debugging;

(async () => {
  debugging = await freePort();
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, `--remote-debugging-port=${debugging}`] });
  try {
    const recordings = [];
    await require(resolve(visit))(async (name) => {
      const { page, finish } = await recorders[recorder](browser, output.replace("{}", name));
      recordings.push(finish);
      return page;
    }, url);
    for (const finish of recordings) await finish();
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

async function devtools(browser, path) {
  const page = await (await browser.newContext(IDENTITY)).newPage();
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send("Target.getTargetInfo");
  const frontend = await (await browser.newContext()).newPage();
  await frontend.goto(
    `devtools://devtools/bundled/inspector.html?ws=127.0.0.1:${debugging}/devtools/page/${targetInfo.targetId}`,
  );
  await frontend.evaluate(listening);
  return { page, finish: async () => writeFileSync(path, await frontend.evaluate(exported)) };
}

// Runs in DevTools: waits until its network log follows the page.
async function listening() {
  const sdk = await import("./core/sdk/sdk.js");
  await new Promise((done) => {
    const wait = () => (sdk.TargetManager.TargetManager.instance().primaryPageTarget() ? done() : setTimeout(wait, 50));
    wait();
  });
  const common = await import("./core/common/common.js");
  const settings = common.Settings.Settings.instance();
  settings.moduleSetting("network-log.preserve-log").set(true);
  settings.moduleSetting("disable-async-stack-traces").set(true); // they would be nine tenths of the file
}

// Runs in DevTools: what its "Export HAR" writes.
async function exported() {
  const { Writer } = await import("./models/har/har.js");
  const { NetworkLog } = await import("./models/logs/logs.js");
  const requests = NetworkLog.NetworkLog.instance()
    .requests()
    .filter((request) => !request.url().split("?")[0].endsWith(".js") && !request.url().startsWith("data:"));
  const chunks = [];
  const stream = { write: async (chunk) => chunks.push(chunk) };
  const progress = { totalWork: 0, worked: 0, title: "", canceled: false };
  await Writer.Writer.write(stream, requests, { sanitize: false }, progress);
  return chunks.join("");
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function playwright(browser, path) {
  const urlFilter = /^[^?]*(?<!\.js)(\?.*)?$/;
  const context = await browser.newContext({ ...IDENTITY, recordHar: { path, content: "attach", urlFilter } });
  return { page: await context.newPage(), finish: () => context.close() };
}

async function cdp(browser, path) {
  const page = await (await browser.newContext(IDENTITY)).newPage();
  const session = await page.context().newCDPSession(page);
  const lines = [];
  for (const method of [
    "requestWillBeSent", "responseReceived", "webSocketCreated", "webSocketWillSendHandshakeRequest",
    "webSocketHandshakeResponseReceived", "webSocketFrameSent", "webSocketFrameReceived", "webSocketClosed",
  ]) {
    session.on(`Network.${method}`, (params) => lines.push(JSON.stringify({ method: `Network.${method}`, params })));
  }
  await session.send("Network.enable");
  return { page, finish: async () => writeFileSync(path, lines.join("\n") + "\n") };
}
