// "What if": change facts, ask again, and see which cards move.

import { CHANGES } from "./changes.js";
import { field } from "./entry.js";
import { byId, el } from "./page.js";

/** Puts the form on the page. */
export function whatIf(chart) {
  const form = el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      const chosen = Object.fromEntries(new FormData(form));
      const wanted = CHANGES.filter(([name]) => chosen[name]);
      const words = wanted.map(([name, label, choices]) => {
        const choice = choices.find((one) => (Array.isArray(one) ? one[0] : one) === chosen[name]);
        return `${/^[A-Z][A-Z]/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)}: ${Array.isArray(choice) ? choice[1] : choice}`;
      });
      const change = (record, facts) => wanted.forEach(([name, , , apply]) => apply(record, facts, chosen[name]));
      if (wanted.length) chart.suppose(words.join("; "), change);
      else chart.back();
    },
  },
    el("p", { class: "about" }, "Change facts of a copy of the record and ask the services again."),
    el("div", { class: "fields" }, ...CHANGES.map(([name, label, choices]) => field(name, label, choices, "if"))),
    el("button", { type: "submit", class: "primary" }, "Ask again"),
  );
  byId("what-if").replaceChildren(form);
  return form;
}
