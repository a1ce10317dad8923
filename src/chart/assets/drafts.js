// The draft orders: what is drafted, what a suggestion replaced, and signing.

import { byId, el, moment } from "./page.js";
import { referenceOf } from "./record.js";

/** The name of an order and its particulars, for people. */
function nameOf(resource) {
  const concept = resource.code ?? resource.medicationCodeableConcept ?? {};
  return concept.text ?? concept.coding?.[0]?.display ?? concept.coding?.[0]?.code ?? referenceOf(resource);
}

function particulars(resource) {
  const due = resource.occurrencePeriod?.end ?? resource.occurrenceDateTime;
  return [resource.priority, due ? `by ${due.length > 10 ? moment(due) : due}` : null].filter(Boolean).join(" · ");
}

/** The button that signs; over a critical card it asks for a reason first. */
function signing(chart, live, warned) {
  const what = live.length === 1 ? nameOf(live[0].resource) : `${live.length} drafts`;
  const words = warned ? `Sign ${what} anyway` : `Sign ${live.length === 1 ? "the draft" : what}`;
  const [critical] = warned ? chart.critical() : [];
  if (!critical) {
    return el("div", {}, warned && chart.answers.some(({ hook, cards }) => hook === "order-sign" && cards.length) ? el("p", { class: "note" }, "The cards above are about these drafts.") : "",
      el("button", { type: "button", class: warned ? "against" : "primary", id: "sign", onclick: () => chart.sign() }, words));
  }
  const reasons = critical.overrideReasons ?? [];
  const choice = el("select", { id: "sign-reason", required: true }, el("option", { value: "" }, "Choose a reason"),
    ...reasons.map(({ code, display }) => el("option", { value: code }, display ?? code)));
  return el("form", {
    class: "over", onsubmit: (event) => {
      event.preventDefault();
      chart.sign(choice.value);
    },
  },
    el("p", { class: "against" }, el("strong", {}, "Critical: "), critical.summary),
    el("p", { class: "field" }, el("label", { for: "sign-reason" }, "Why is it signed anyway?"), choice),
    el("button", { type: "submit", class: "against", id: "sign" }, words));
}

/** Shows the drafts of the chart. */
export function showDrafts(chart) {
  const { record } = chart;
  const lines = record.drafts.map((draft) => {
    const gone = draft.state !== "draft";
    const name = nameOf(draft.resource);
    return el("li", { "data-state": draft.state, "data-reference": referenceOf(draft.resource) },
      el("p", { class: "order" }, gone ? el("s", {}, name) : name, el("span", { class: "particulars" }, ` ${particulars(draft.resource)}`)),
      draft.note ? el("p", { class: "note" }, draft.note) : null,
      gone ? null : el("p", { class: "does" },
        el("button", { type: "button", "aria-label": `Select ${name}`, onclick: () => chart.select([referenceOf(draft.resource)]) }, "Select"),
        el("button", { type: "button", "aria-label": `Remove ${name}`, onclick: () => chart.withdraw(draft) }, "Remove"),
      ),
    );
  });
  const live = record.live();
  const warned = chart.warned;
  const basket = byId("basket");
  basket.hidden = record.drafts.length === 0;
  // What the cards ask for comes first; signing against them comes after.
  const cards = byId("cards").parentElement;
  if (warned) cards.after(basket);
  else cards.before(basket);
  byId("drafts").replaceChildren(
    el("ul", { class: "draft-list", role: "list" }, ...lines),
    live.length ? signing(chart, live, warned) : "",
  );
}
