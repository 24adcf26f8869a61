"use strict";
// Filters what is listed; without it the page shows everything.
const tools = document.querySelector(".tools");
if (tools) {
  const search = tools.querySelector("input");
  const buttons = [...tools.querySelectorAll("button")];
  const rows = [...document.querySelectorAll(".findings > li")];
  const none = document.querySelector("#no-match");
  const told = document.querySelector("#told");
  const refresh = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(buttons.filter((each) => each.getAttribute("aria-pressed") === "false").map((each) => each.dataset.kind));
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = off.has(row.dataset.kind) || !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    none.hidden = shown > 0;
    told.textContent = `${shown} of ${rows.length} shown`;
  };
  search.addEventListener("input", refresh);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") === "false"));
      refresh();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      refresh();
    }
  });
  tools.hidden = false;
}
window.addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll(".findings details")) each.open = true;
});
