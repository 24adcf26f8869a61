// Pages in Chromium, as the tests ask: node page_view.mjs CHROMIUM JOBS, where JOBS is a file of
// [{url, width, height, dark, picture?, full?, keys?, route?, script?, ready?}]; prints what each page was and said.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';

const require = createRequire(new URL('../package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [executablePath, jobs] = process.argv.slice(2);

/** When a page of an API is drawn; other pages say `ready` for themselves. */
const DRAWN = "document.querySelector('#asyncapi h1, #asyncapi .aui-root') || document.getElementById('reference-state')?.textContent";

/** Wait until an expression is true of the page: asked from without, since its policy forbids evaluation to whoever waits inside. */
async function until(view, expression) {
  const end = Date.now() + 60_000;
  while (!(await view.evaluate(`Boolean(${expression})`))) {
    if (Date.now() > end) throw new Error(`never true: ${expression}`);
    await view.waitForTimeout(50);
  }
}

/** One page: what it says, what its console said, what it asked for, and what axe-core finds in it. */
async function look(browser, job) {
  const { url, width = 1280, height = 900, dark = false, picture, full = false, route, script, keys = [], audit = true, ready = DRAWN, expect } = job;
  // the page's own policy stays in force; axe is run in an isolated world by the protocol
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', deviceScaleFactor: 1 });
  const view = await context.newPage();
  const complaints = [];
  const requests = [];
  view.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  view.on('pageerror', (error) => complaints.push(String(error)));
  view.on('request', (request) => request.url() !== url && !request.url().startsWith('data:') && requests.push(request.url()));
  for (const [pattern, file] of Object.entries(route ?? {})) {
    await context.route(pattern, (way) => way.fulfill({ path: file, headers: { 'Access-Control-Allow-Origin': '*' } }));
  }
  const started = Date.now();
  await view.goto(url, { waitUntil: 'load' });
  await until(view, ready);
  const drawn = Date.now() - started;
  await view.waitForTimeout(300);
  if (expect) {
    process.stdout.write('ready\n');
    await view.waitForFunction((wanted) => document.body?.innerText.includes(wanted), expect, { timeout: 30_000 });
  }
  for (const key of keys) await view.keyboard.press(key);
  const result = script ? await view.evaluate(script) : null;
  const focused = await view.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 80));
  if (picture) writeFileSync(picture, await view.screenshot({ fullPage: full }));
  const session = await context.newCDPSession(view);
  let violations = [];
  if (audit) {
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
    await session.send('Runtime.evaluate', { contextId: executionContextId, expression: axe });
    const { result: found, exceptionDetails } = await session.send('Runtime.evaluate', {
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
      expression: `axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations.map(({id, impact, help, nodes}) => ({
        id, impact, help, count: nodes.length, nodes: nodes.slice(0, 4).map(({html, target, any}) => [String(target), html.slice(0, 160), any[0]?.message ?? ''])})))`,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    violations = found.value;
  }
  const overflow = await view.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const text = await view.evaluate(() => document.body.innerText);
  await context.close();
  return { text, complaints, requests, violations, overflow, focused, drawn, result };
}

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const looks = [];
try {
  for (const job of JSON.parse(readFileSync(jobs, 'utf8'))) looks.push(await look(browser, job));
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(looks));
