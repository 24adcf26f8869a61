// Two guests sign the book, the admin clears it.
const visit = async (page, url) => {
  await page.goto(url, { waitUntil: "commit" }); // a pending JSONP script keeps the page loading
  await page.waitForFunction(() => typeof book !== "undefined" && book.connected);
  const outcomes = await page.evaluate(async () => {
    await ask(book, "sign", { name: "ann", text: "pretty & neat, 100% +1" });
    await ask(book, "sign", { name: "bob", text: "€ 😀 \\ \n \"quoted\"", stars: 4 });
    await ask(book, "history");
    const outcomes = [await connected(admin("token-of-somebody-else"))];
    const keeper = admin("token-of-the-demo");
    keeper.on("cleared", (count, done) => done("sure"));
    outcomes.push(await connected(keeper));
    keeper.emit("clear");
    return outcomes;
  });
  if (outcomes.join() !== "refused,connect") throw new Error(`connected as ${outcomes}`);
  await page.waitForFunction(() => signed.length >= 2 && empty === 1);
  await page.waitForTimeout(300); // the answer to "cleared" is still to leave
};

module.exports = async (open, url) => visit(await open("guest"), url);
