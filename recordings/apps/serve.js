// An HTTP server on loopback with one page, and one script where that is not Socket.IO's own route.
const { readFileSync } = require("fs");
const { createServer } = require("http");
const { join } = require("path");

module.exports = (port, page, script) => {
  const files = {};
  if (page) files["/"] = ["text/html", join(__dirname, page)];
  if (script) files["/client.js"] = ["text/javascript", require.resolve(script)];
  const server = createServer((request, response) => {
    const file = files[request.url.split("?")[0]];
    if (!file) return response.writeHead(404).end();
    response.setHeader("Content-Type", `${file[0]}; charset=utf-8`);
    response.end(readFileSync(file[1]));
  });
  return server.listen(port, "127.0.0.1");
};
