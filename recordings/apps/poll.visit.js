// One voter, who also tries what is not on the ballot.
module.exports = async (open, url) => {
  const page = await open("voter");
  await page.goto(url);
  await page.waitForFunction(() => socket.connected && document.getElementById("question").textContent);
  for (const [choice, answer] of [["tea", "tea: true"], ["coffee", "coffee: true"], ["gin", "gin: false"]]) {
    await page.evaluate((choice) => vote(choice), choice);
    await saw(page, answer);
  }
  await page.evaluate(() => socket.send("so be it"));
  await saw(page, "SO BE IT");
};

const saw = (page, line) =>
  page.waitForFunction((line) => [...document.querySelectorAll("li")].some((li) => li.textContent === line), line);
