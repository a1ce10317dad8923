// The filters of the ward list: hides what does not hold every word that is typed, the urgency and the subject; without any
// it shows the most urgent patients first, and all of them on demand.

import { byId, state } from "./page.js";

const FIRST = 40;
const rows = [...document.querySelectorAll(".ward tbody tr")].map((row) => ({ row, words: `${row.textContent} ${row.dataset.words}`.toLowerCase() }));
let all = false;

function show() {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [urgency, subject] = [byId("urgency").value, byId("subject").value];
  let found = 0;
  for (const { row, words } of rows) {
    const holds = (!urgency || row.dataset.urgency === urgency) && (!subject || row.dataset.subject === subject) && wanted.every((word) => words.includes(word));
    if (holds) found += 1;
    row.hidden = !holds || (!all && found > FIRST);
  }
  byId("found").textContent = found === 0 ? "No patient. Try fewer words." : found === 1 ? "1 patient" : `${found} patients`;
  byId("more").hidden = all || found <= FIRST;
  byId("more").textContent = `Show all ${found}`;
}

for (const id of ["search", "urgency", "subject"]) byId(id).addEventListener("input", show);
byId("more").addEventListener("click", () => {
  const next = rows.filter(({ row }) => !row.hidden).length;
  all = true;
  show();
  rows.filter(({ row }) => !row.hidden)[next]?.row.querySelector("a").focus();
});
show();
state("ready");
