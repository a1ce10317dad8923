// The order form: choose a kind, fill its fields, and the draft is selected at once.

import { KINDS, draftOf } from "./order-forms.js";
import { byId, el, instant, now } from "./page.js";

/** A labelled select or input. */
export function field(name, label, how, prefix = "field") {
  const id = `${prefix}-${name}`;
  const control = Array.isArray(how)
    ? el("select", { id, name }, ...how.map((choice) => {
        const [value, words] = Array.isArray(choice) ? choice : [choice, choice];
        return el("option", { value }, words);
      }))
    : el("input", { id, name, autocomplete: "off", ...how });
  return el("p", { class: "field" }, el("label", { for: id }, label), control);
}

/** Puts the order form on the page. `add(resource)` takes the draft. */
export function orderEntry(chart) {
  const fields = el("div", { class: "fields" });
  const kind = el("select", { id: "kind", name: "kind", onchange: () => show() },
    ...Object.entries(KINDS).map(([value, { label }]) => el("option", { value }, label)));
  const show = () => fields.replaceChildren(...KINDS[kind.value].fields.map(([name, label, how]) => field(name, label, how)));
  const form = el("form", {
    class: "entry",
    onsubmit: (event) => {
      event.preventDefault();
      const filled = Object.fromEntries(new FormData(form));
      const at = (hours) => instant(new Date(now().getTime() + hours * 3_600_000));
      chart.add(draftOf(kind.value, filled, chart.record, at));
    },
  },
    el("p", { class: "field" }, el("label", { for: "kind" }, "Order"), kind),
    fields,
    el("button", { type: "submit", class: "primary" }, "Add and select"),
  );
  show();
  byId("entry").replaceChildren(form);
}
