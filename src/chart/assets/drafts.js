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
  return [resource.priority, due ? `by ${due.length > 10 ? moment(due) : due}` : null, referenceOf(resource)].filter(Boolean).join(" · ");
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
  const live = record.live().length;
  const warned = chart.warned;
  byId("basket").hidden = record.drafts.length === 0;
  byId("drafts").replaceChildren(
    el("ul", { class: "draft-list", role: "list" }, ...lines),
    live ? el("button", { type: "button", class: "primary", id: "sign", onclick: () => chart.sign() },
      warned ? "Sign anyway" : `Sign ${live === 1 ? "the draft" : `${live} drafts`}`) : "",
    warned ? el("p", { class: "note" }, "The cards below are about these drafts.") : "",
  );
}
