// What the services answered, moment by moment: their cards, or why there is none.

import { cardOf, codesOf } from "./cards.js";
import { el } from "./page.js";

export const OCCASIONS = {
  "patient-view": "On opening the chart",
  "order-select": "On selecting an order",
  "order-sign": "On signing the orders",
  "encounter-discharge": "On discharge",
  "appointment-book": "On booking the appointment",
  "order-dispatch": "On dispatching the order",
};

/** What a card says: its codes and its sentence. */
export const keyOf = (card) => `${codesOf(card).join(" ")} ${card.summary}`;

/** A section without cards: why the chart is silent, in the words of the service. */
function nothing(hook, silence) {
  const [first, ...rest] = hook === "patient-view" ? silence : ["Nothing of the guideline speaks against this."];
  return el("div", { class: "silence" },
    el("p", {}, el("strong", {}, "No card. "), first ?? "On these facts the guideline asks for nothing here."),
    rest.length ? el("ul", {}, ...rest.map((reason) => el("li", {}, reason))) : null);
}

/**
 * The answers as sections, the latest first. What two moments say in the same words is said once, at the later one. `does(answer)`
 * gives what the buttons of its cards do, `done(card)` what was done with a card.
 */
export function sectionsOf(answers, silence, does, done) {
  const shown = new Set();
  return answers.map((answer) => {
    const fresh = answer.cards.filter((card) => !shown.has(keyOf(card)));
    fresh.forEach((card) => shown.add(keyOf(card)));
    if (answer.cards.length && !fresh.length) return "";
    // That an order of the guideline's own raises no card says nothing to anybody.
    if (answer.followsAcceptance && !answer.cards.length && !answer.refused) return "";
    const cards = fresh.map((card) => cardOf(card, does(answer), done(card)));
    const refusal = el("p", { class: "refused" }, el("strong", {}, "The service refused. "), answer.refused);
    return el("section", { class: "answer", "data-hook": answer.hook },
      el("h3", {}, OCCASIONS[answer.hook] ?? answer.hook),
      ...(answer.refused ? [refusal] : cards.length ? cards : [nothing(answer.hook, silence)]));
  });
}
