// Somebody sets a status, is refused as admin, and comes back with the right token.
module.exports = async (open, url) => {
  const page = await open("office");
  await page.goto(url);
  await page.waitForFunction(() => office.connected);
  const steps = await page.evaluate(async () => {
    const helper = admin({ token: "token-of-somebody-else" });
    const outcomes = [await connected(helper)];
    helper.auth = { token: "token-of-the-demo" };
    helper.connect();
    outcomes.push(await connected(helper));
    helper.disconnect();
    const keeper = admin({ token: "token-of-the-demo", role: "owner" });
    outcomes.push(await connected(keeper));
    for (const status of [{ text: "here" }, { text: "in a café ☕", until: "2030-01-02T15:00:00.000Z" }]) {
      const heard = audited(keeper);
      office.emit("status", status);
      await heard;
    }
    for (const [name, minutes] of [["bob", 5], ["eve", 1.5]]) await ask(keeper, "kick", name, minutes);
    await ask(office, "lunch?");
    keeper.disconnect();
    return outcomes;
  });
  if (steps.join() !== "refused,connect,connect") throw new Error(`connected as ${steps}`);
  await page.waitForFunction(() => seen.length === 2);
};
