// Two people in the chat, each with a page of their own.
module.exports = async (open, url) => {
  const first = await open("first");
  await first.goto(url);
  await join(first, "ann");
  await saw(first, "welcome, 1 here");

  const second = await open("second");
  await second.goto(url);
  await join(second, "bob");
  await saw(second, "welcome, 2 here");
  await saw(first, "bob joined");

  await say(first, second, "ann", "hello there");
  await say(second, first, "bob", "grüß dich 👋");
  await first.locator("#text").pressSequentially("never mind");
  await saw(second, "ann stopped typing", 2);
  await say(second, first, "bob", "see you");

  await second.goto("about:blank");
  await saw(first, "bob left");
};

async function join(page, name) {
  await page.waitForFunction(() => socket.connected && socket.io.engine.transport.name === "websocket");
  await page.locator("#name").fill(name);
  await page.locator("#name").press("Enter");
}

async function say(from, to, name, text) {
  await from.locator("#text").pressSequentially(text);
  await from.locator("#text").press("Enter");
  await saw(to, `${name}: ${text}`);
}

const saw = (page, line, times = 1) =>
  page.waitForFunction(
    ([line, times]) => [...document.querySelectorAll("li")].filter((li) => li.textContent === line).length >= times,
    [line, times],
  );
