// What a change of facts did to the cards, in words.

import { WORDS, codesOf, rationaleOf } from "./cards.js";
import { plainName } from "./panel.js";
import { el, moment } from "./page.js";

const tableOf = (card) => (rationaleOf(card).recommendations?.[0]?.row ?? "").split("/")[0];
const leadOf = (card) => codesOf(card)[0] ?? card.summary;

/** Pairs of cards: same lead first, then a code in common, then the same table, then nobody. */
function pair(before, after) {
  const left = [...after];
  const take = (test) => {
    const at = left.findIndex(test);
    return at < 0 ? null : left.splice(at, 1)[0];
  };
  const pairs = before.map((old) => [old, take((card) => leadOf(card) === leadOf(old))]);
  for (const one of pairs) one[1] ??= take((card) => codesOf(card).some((code) => codesOf(one[0]).includes(code)));
  for (const one of pairs) one[1] ??= take((card) => tableOf(card) === tableOf(one[0]));
  return [...pairs, ...left.map((card) => [null, card])];
}

/** A card's sentence and how pressing it is. */
const saidBy = (card) => `${card.summary} (${(WORDS[card.indicator] ?? card.indicator).toLowerCase()})`;

/** What a clinician sees change from one card to the other, in words. */
function changes(old, card) {
  const said = [];
  const differs = (read) => JSON.stringify(read(old)) !== JSON.stringify(read(card));
  if (differs(saidBy)) said.push(`Before: ${saidBy(old)}`);
  const { deadline, overdue } = rationaleOf(card);
  if (differs((one) => rationaleOf(one).deadline)) said.push(deadline ? `Due by ${moment(deadline)}` : "No deadline any more");
  if (overdue === true && differs((one) => rationaleOf(one).overdue === true)) said.push("Overdue now");
  const missing = (one) => (rationaleOf(one).recommendations ?? []).flatMap((it) => it.missing ?? []).map(plainName);
  const answered = [...new Set(missing(old))].filter((fact) => !missing(card).includes(fact));
  if (answered.length) said.push(`Not asked any more: ${answered.join(", ")}`);
  const offered = (one) => (one.suggestions ?? []).map((suggestion) => suggestion.label);
  const fresh = offered(card).filter((label) => !offered(old).includes(label));
  const gone = offered(old).filter((label) => !offered(card).includes(label));
  if (fresh.length) said.push(`Offered now: ${fresh.join("; ")}`);
  if (gone.length) said.push(`Not offered any more: ${gone.join("; ")}`);
  if (!said.length && differs(codesOf)) said.push("The same sentence, for another reason");
  return said;
}

/** The differences between two lists of cards, each `{kind, title, said}` with the `card` or, where it is gone, the one `before`. */
export function differences(before, after) {
  return pair(before, after).flatMap(([old, card]) => {
    if (!old) return [{ kind: "New", title: saidBy(card), said: [], card }];
    if (!card) return [{ kind: "Gone", title: saidBy(old), said: [], before: old }];
    const said = changes(old, card);
    return said.length ? [{ kind: "Now", title: saidBy(card), said, card }] : [];
  });
}

/** The box that says what moved, with a way back where there is one. */
export function differenceBox(title, what, found, { label, does } = {}) {
  const items = found.map(({ kind, title, said }) =>
    el("li", { "data-kind": kind.toLowerCase() },
      el("p", {}, el("strong", {}, `${kind}: `), title),
      said.length ? el("ul", {}, ...said.map((line) => el("li", {}, line))) : null,
    ),
  );
  return el("section", { class: "difference", "aria-labelledby": "difference-title" },
    el("h3", { id: "difference-title", tabindex: "-1" }, `${title} `, el("span", {}, what)),
    items.length ? el("ul", { role: "list" }, ...items) : el("p", {}, "Nothing changes: the same cards, the same deadlines."),
    does ? el("button", { type: "button", onclick: does }, label) : null,
  );
}
