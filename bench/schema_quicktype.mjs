// Schemas by quicktype: a JSON list of lists of samples on stdin, a JSON list of schemas (null where it fails) on stdout.
import { createRequire } from "node:module";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const { InputData, jsonInputForTargetLanguage, quicktype } = require("quicktype-core");

let text = "";
for await (const chunk of process.stdin) text += chunk;
const schemas = [];
for (const samples of JSON.parse(text)) {
  const input = jsonInputForTargetLanguage("schema");
  try {
    await input.addSource({ name: "Payload", samples: samples.map((sample) => JSON.stringify(sample)) });
    const inputData = new InputData();
    inputData.addInput(input);
    const { lines } = await quicktype({ inputData, lang: "schema" });
    schemas.push(JSON.parse(lines.join("\n")));
  } catch (error) {
    process.stderr.write(`${error}\n`);
    schemas.push(null);
  }
}
process.stdout.write(JSON.stringify(schemas));
