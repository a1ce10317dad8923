// The search of the list: hides what does not hold every word that is typed.

import { byId, state } from "./page.js";

const groups = [...document.querySelectorAll("section.group")].map((section) => ({
  section,
  items: [...section.querySelectorAll("li")].map((item) => ({ item, words: `${item.textContent} ${item.dataset.words}`.toLowerCase() })),
}));

function search() {
  const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const seen = new Set();
  for (const { section, items } of groups) {
    let shown = 0;
    for (const { item, words } of items) {
      item.hidden = !wanted.every((word) => words.includes(word));
      if (!item.hidden) {
        shown += 1;
        seen.add(item.querySelector("a").pathname);
      }
    }
    section.hidden = shown === 0;
  }
  const patients = seen.size === 1 ? "1 patient" : `${seen.size} patients`;
  byId("found").textContent = wanted.length ? (seen.size ? patients : "No patient. Try fewer words.") : "";
}

byId("search").addEventListener("input", search);
search();
state("ready");
