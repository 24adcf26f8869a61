// The official client: node live_client.js <proxy URL or ""> <server URL>...
const { io } = require("socket.io-client");
const { tell } = require("./live_scenario");

const [proxy, ...urls] = process.argv.slice(2);
(async () => {
  for (const url of urls) {
    const agent = proxy ? new (require("https-proxy-agent").HttpsProxyAgent)(proxy) : undefined;
    await tell(io, url, agent ? { agent } : {});
  }
  process.exit();
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
