// The official AsyncAPI tools, as the tests ask them: node asyncapi_tools.mjs parse|models|page ARGUMENT...
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(new URL('../package.json', import.meta.url));
const [task, ...given] = process.argv.slice(2);

/** Of each document: diagnostics [{severity, code, message, path}] (severity 0 error, 1 warning, 2 info), names of messages. */
async function parse(files) {
  const { Parser } = require('@asyncapi/parser');
  const found = {};
  for (const file of files) {
    const { document, diagnostics } = await new Parser().parse(readFileSync(file, 'utf8'));
    found[file] = {
      parsed: document !== undefined,
      names: document?.allMessages().all().map((message) => message.name()),
      diagnostics: diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join('/') })),
    };
  }
  return found;
}

/** TypeScript models of each document: {file: [[name, code], ...]}. */
async function models(files) {
  const { Parser } = require('@asyncapi/parser');
  const { TypeScriptGenerator } = require('@asyncapi/modelina');
  const found = {};
  for (const file of files) {
    const { document } = await new Parser().parse(readFileSync(file, 'utf8'));
    const made = await new TypeScriptGenerator({ modelType: 'interface' }).generate(document);
    found[file] = made.map(({ modelName, result }) => [modelName, result]);
  }
  return found;
}

/** The documentation page in Chromium: what it says, what its console said, and a picture of it. */
async function page([chromium, file, picture, width = '1280', height = '1600']) {
  const { chromium: browser } = require('playwright-core');
  const component = require.resolve('@asyncapi/react-component/browser/standalone/index.js');
  const styles = require.resolve('@asyncapi/react-component/styles/default.min.css');
  const running = await browser.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    const view = await running.newPage({ viewport: { width: Number(width), height: Number(height) }, deviceScaleFactor: 1 });
    const complaints = [];
    const requests = [];
    view.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
    view.on('pageerror', (error) => complaints.push(String(error)));
    view.on('request', (request) => request.url().startsWith('http') && requests.push(request.url()));
    await view.setContent('<!doctype html><html lang="en"><head><title>API</title></head><body><div id="asyncapi"></div></body></html>');
    await view.addStyleTag({ path: styles });
    await view.addScriptTag({ path: component });
    await view.evaluate((schema) => {
      globalThis.AsyncApiStandalone.render(
        { schema, config: { show: { sidebar: true, errors: true } } },
        document.getElementById('asyncapi'),
      );
    }, readFileSync(file, 'utf8'));
    await view.waitForSelector('.aui-root h1', { state: 'attached', timeout: 30_000 });
    await view.waitForTimeout(500);
    if (picture) writeFileSync(picture, await view.screenshot());
    return { text: await view.innerText('body'), complaints, requests };
  } finally {
    await running.close();
  }
}

const tasks = { parse, models, page };
process.stdout.write(JSON.stringify(await tasks[task](given)));
