// The official clients of 2.x and 3.x in a real browser, the only place where JSONP is spoken: see matrix_client.js.
//
//   node matrix_browser.js <scenario.json> <cells.json> <chromium>
const { readFileSync } = require("fs");
const { join } = require("path");
const { chromium } = require("playwright-core");

const [scenarioPath, cellsPath, executablePath] = process.argv.slice(2);
const [scenario, cells] = [scenarioPath, cellsPath].map((path) => JSON.parse(readFileSync(path)));
const sources = Object.fromEntries(["scenario", "telling"].map((name) => [name, readFileSync(join(__dirname, `${name}.js`), "utf8")]));
const library = (version) => join(process.env.NODE_PATH, `socket.io-client-${version}`, "dist", "socket.io.js");

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const cell of cells) {
      const page = await browser.newPage();
      const url = `http://127.0.0.1:${cell.port}/`; // for which the servers have no page
      await page.route(url, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>JSONP</title>" }));
      await page.goto(url);
      await page.addScriptTag({ path: library(cell.version) });
      console.log(await page.evaluate(inPage, { sources, cell, scenario }));
      await page.close();
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

// Runs in the page: the modules with what they need of Node.
function inPage({ sources, cell, scenario }) {
  class Bytes extends Uint8Array {
    static from(source, offset, length) {
      // 2.x knows no binary but an ArrayBuffer
      return source instanceof ArrayBuffer ? new Bytes(source, offset, length) : Uint8Array.from(source).buffer;
    }
    toString() {
      return [...this].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  }
  const sorted = (value) =>
    value === null || typeof value !== "object" || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  const text = (value) => JSON.stringify(value, (_, inner) => sorted(inner));
  const deepStrictEqual = (left, right) => {
    if (text(left) !== text(right)) throw new Error(`${text(left)} is not ${text(right)}`);
  };
  const load = (name, require) => {
    const module = { exports: {} };
    new Function("require", "module", "Buffer", sources[name])(require, module, Bytes);
    return module.exports;
  };
  const { tell } = load("telling", () => load("scenario", () => ({ deepStrictEqual })));
  return tell(cell, scenario, window.io.Manager);
}
