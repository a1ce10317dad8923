// The search of the worklist: hides the lines that do not hold every word that is typed.

import { byId, state } from "./page.js";

const rows = [...document.querySelectorAll("table.worklist tbody tr")].map((row) => ({ row, words: row.textContent.toLowerCase() }));

function search() {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { row, words } of rows) {
    row.hidden = !wanted.every((word) => words.includes(word));
    if (!row.hidden) shown += 1;
  }
  byId("found").textContent = wanted.length ? (shown === 1 ? "1 line" : `${shown} lines`) : "";
}

if (byId("search")) {
  byId("search").addEventListener("input", search);
  search();
}
state("ready");
