// Opens tunnels (CONNECT) to servers on loopback: node tunnel_proxy.js <port>
const http = require("http");
const net = require("net");

const proxy = http.createServer();
proxy.on("connect", (request, client, head) => {
  const server = net.connect(Number(request.url.split(":")[1]), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    server.write(head);
    server.pipe(client).pipe(server);
  });
  for (const end of [client, server]) end.on("error", () => client.destroy() && server.destroy());
});
proxy.listen(Number(process.argv[2]), "127.0.0.1");
