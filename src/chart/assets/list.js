// The filters of the ward list: hides what does not hold every word that is typed, the urgency and the subject. The stories and
// the patients of the tour are shown; all test patients on demand, which the address remembers (`?all`).

import { byId, state } from "./page.js";

const rows = [...document.querySelectorAll(".ward tbody tr")].map((row) => ({ row, words: `${row.textContent} ${row.dataset.words}`.toLowerCase() }));
const more = byId("more");
let all = new URLSearchParams(location.search).has("all");

function show() {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [urgency, subject] = [byId("urgency").value, byId("subject").value];
  let [found, beside] = [0, 0];
  for (const { row, words } of rows) {
    const holds = (!urgency || row.dataset.urgency === urgency) && (!subject || row.dataset.subject === subject) && wanted.every((word) => words.includes(word));
    const isOut = !all && "test" in row.dataset;
    if (holds) isOut ? (beside += 1) : (found += 1);
    row.hidden = !holds || isOut;
  }
  const none = beside ? `No story. ${beside} among all test patients.` : "No patient. Try fewer words.";
  byId("found").textContent = found === 0 ? none : found === 1 ? "1 patient" : `${found} patients`;
  more.textContent = all ? "Only the stories and the tour" : `All ${more.dataset.all} test patients`;
}

for (const id of ["search", "urgency", "subject"]) byId(id).addEventListener("input", show);
more.addEventListener("click", () => {
  all = !all;
  history.replaceState(null, "", all ? "?all" : location.pathname);
  show();
});
more.hidden = false;
show();
state("ready");
