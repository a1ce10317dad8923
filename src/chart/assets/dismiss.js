// Dismissing a card: a coded reason of the service, words if wanted.

import { el } from "./page.js";

/** The button of a card that opens the form, and the form. */
export function dismissal(card, does) {
  const reasons = card.overrideReasons ?? [];
  const group = `reason-${card.uuid}`;
  const choice = (reason, number) =>
    el("label", { class: "choice" },
      el("input", { type: "radio", name: group, value: reason.code, required: true, checked: false, "data-number": number }),
      ` ${reason.display ?? reason.code}`,
    );
  const words = el("input", { type: "text", maxlength: "200", autocomplete: "off", id: `words-${card.uuid}` });
  const form = el("form", {
    onsubmit: (event) => {
      event.preventDefault();
      const code = new FormData(form).get(group);
      does.dismiss(card, reasons.find((reason) => reason.code === code) ?? null, words.value.trim());
    },
  },
    el("fieldset", {}, el("legend", {}, "Why is it dismissed?"), ...reasons.map(choice)),
    el("p", { class: "words" }, el("label", { for: words.id }, "In words, if wanted (no patient data)"), words),
    el("button", { type: "submit" }, "Dismiss the card"),
  );
  return el("details", { class: "dismiss" }, el("summary", { "aria-label": `Dismiss: ${card.summary}` }, "Dismiss…"), form);
}
