// What a change of facts did to the cards, in words.

import { codesOf, rationaleOf } from "./cards.js";
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

function changes(old, card) {
  const said = [];
  const differs = (name, read, show = (value) => value ?? "none") => {
    const [was, is] = [read(old), read(card)];
    if (JSON.stringify(was) !== JSON.stringify(is)) said.push(`${name}: ${show(was)} → ${show(is)}`);
  };
  differs("asks for", leadOf);
  differs("urgency", (one) => one.indicator);
  differs("deadline", (one) => rationaleOf(one).deadline, (value) => (value ? moment(value) : "none"));
  differs("overdue", (one) => rationaleOf(one).overdue === true, (value) => (value ? "yes" : "no"));
  differs("row", (one) => rationaleOf(one).recommendations?.[0]?.row);
  const also = (one) => codesOf(one).slice(1).join(", ") || "nothing";
  differs("with it", also);
  const missing = (one) => (rationaleOf(one).recommendations ?? []).flatMap((it) => it.missing ?? []).map((fact) => fact.replaceAll("_", " "));
  const answered = [...new Set(missing(old))].filter((fact) => !missing(card).includes(fact));
  if (answered.length) said.push(`no longer asks for: ${answered.join(", ")}`);
  differs("suggestions", (one) => (one.suggestions ?? []).map((suggestion) => suggestion.label).join("; ") || "none");
  return said;
}

/** The differences between two lists of cards, each `{kind, title, said}`. */
export function differences(before, after) {
  return pair(before, after).flatMap(([old, card]) => {
    if (!old) return [{ kind: "New", title: card.summary, said: [] }];
    if (!card) return [{ kind: "Gone", title: old.summary, said: [] }];
    const said = changes(old, card);
    return said.length ? [{ kind: "Changed", title: card.summary, said }] : [];
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
