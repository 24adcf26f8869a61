// A page in headless Chromium: node live_page.js <chromium> <proxy URL or ""> <CA's SPKI hash or ""> <server URL>...
// The proxy's CA is trusted by its key alone, as a person who imports it does; any other certificate is refused.
const { dirname, join } = require("path");
const { chromium } = require("playwright-core");

const [executablePath, proxy, authority, ...urls] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

(async () => {
  const browser = await chromium.launch({
    executablePath,
    args: authority ? [...FLAGS, `--ignore-certificate-errors-spki-list=${authority}`] : FLAGS,
    proxy: proxy ? { server: proxy, bypass: "<-loopback>" } : undefined,
  });
  try {
    const client = join(dirname(require.resolve("socket.io-client/package.json")), "dist", "socket.io.js");
    for (const url of urls) {
      const page = await browser.newPage();
      await page.goto(`${url}/nothing-here`);
      await page.addScriptTag({ path: client });
      await page.addScriptTag({ path: join(__dirname, "live_scenario.js") });
      await page.evaluate(() => tell(io, location.origin));
      await page.close();
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
