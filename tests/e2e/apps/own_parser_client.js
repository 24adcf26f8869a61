// Its client: node own_parser_client.js <url>
const { io } = require("socket.io-client");

const socket = io(process.argv[2], { parser: require("./own_parser"), reconnection: false });
socket.once("welcome", () => socket.emit("add", 1, 2.5, () => socket.disconnect()));
