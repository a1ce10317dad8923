// Cards as an EHR shows them: urgency in colour, shape and word, markdown made safe, suggestions, source, reasons.

import { marked } from "./vendor/marked.esm.js";
import DOMPurify from "./vendor/purify.es.mjs";
import { distance, el, moment } from "./page.js";
import { dismissal } from "./dismiss.js";
import { askWords, askedBy } from "./panel.js";

export const WORDS = { critical: "Critical", warning: "Warning", info: "For information" };
const SIGNS = { critical: "⬣", warning: "▲", info: "●" };

export const rationaleOf = (card) => card.extension?.["org.spinal-mets-cds.rationale"] ?? {};
export const codesOf = (card) => (rationaleOf(card).recommendations ?? []).map((one) => one.code);

/** Markdown of a service is text from outside: no scripts, no styles, no images, no forms. */
function markdown(text) {
  const html = marked.parse(text, { gfm: true, async: false });
  const clean = DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ["style", "img", "form", "input", "button", "svg", "video", "audio", "iframe"],
    FORBID_ATTR: ["style", "class", "id"],
    RETURN_DOM_FRAGMENT: true,
  });
  for (const paragraph of clean.querySelectorAll("p")) {
    // A paragraph that is one bold phrase heads what follows.
    const [only] = paragraph.childNodes;
    if (paragraph.childNodes.length === 1 && only.nodeName === "STRONG") {
      paragraph.className = "heading";
      const list = paragraph.nextElementSibling;
      if (list?.nodeName === "UL" && only.textContent === "Source") list.className = "source-list";
    }
  }
  return clean;
}

/** The text of a card: what to do stands open, what it rests on is folded. */
function detail(text) {
  const clean = markdown(text);
  const [first, ...rest] = [...clean.children].reduce((parts, node) => {
    if (node.className === "heading" || !parts.length) parts.push([]);
    parts.at(-1).push(node);
    return parts;
  }, []);
  const names = rest.map(([head]) => head.textContent.toLowerCase()).filter((name) => name !== "source");
  const words = names.join(", ");
  const folded = rest.length
    ? el("details", { class: "evidence" }, el("summary", {}, words.charAt(0).toUpperCase() + words.slice(1) || "Source"), ...rest.flat())
    : null;
  return el("div", { class: "detail" }, ...(first ?? []), folded);
}

/** A card in one line, with a tag that says what became of it. */
export function cardLine(card, tag = null) {
  const { deadline, overdue } = rationaleOf(card);
  const when = deadline ? (overdue ? `overdue since ${moment(deadline)}` : `by ${moment(deadline)}`) : null;
  return el("li", { "data-indicator": card.indicator, "data-codes": codesOf(card).join(" ") },
    el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[card.indicator] ?? "●"),
    el("span", { class: "unseen" }, `${WORDS[card.indicator] ?? card.indicator}: `),
    card.summary,
    when ? el("span", { class: "when" }, ` · ${when}`) : null,
    tag ? el("span", { class: "tag" }, tag.toLowerCase()) : null);
}

/** The deadline of a card, and how far it is. */
export function due(card) {
  const { deadline, overdue } = rationaleOf(card);
  if (!deadline) return null;
  const line = el("p", { class: "due", "data-deadline": deadline, "data-overdue": overdue === true });
  line.append(el("strong", {}, overdue ? "Overdue " : "Due "), el("span", { class: "left" }), el("span", {}, ` · ${overdue ? "since" : "by"} ${moment(deadline)}`));
  tick(line);
  return line;
}

function tick(line) {
  const { deadline } = line.dataset;
  line.querySelector(".left").textContent = "overdue" in line.dataset ? `by ${distance(deadline)}` : `in ${distance(deadline)}`;
}

setInterval(() => document.querySelectorAll(".due").forEach(tick), 20_000);

/**
 * One card: what to do and its buttons first. `does` has `accept(card, suggestion)`, `dismiss(card, reason, comment)`, which
 * may be missing, and `answer(card, facts)`; `done` says what was done already.
 */
export function cardOf(card, does, done) {
  const taken = (suggestion) => done?.taken?.includes(suggestion.uuid);
  const closed = done?.dismissed || (done?.taken?.length && card.selectionBehavior !== "any");
  const title = el("h4", {}, card.summary);
  const article = el("article", {
    class: "card",
    "data-indicator": card.indicator,
    "data-codes": codesOf(card).join(" "),
    "data-closed": Boolean(closed),
    "aria-label": `${WORDS[card.indicator] ?? card.indicator}: ${card.summary}`,
  });
  article.append(
    el("header", {},
      el("p", { class: "indicator" }, el("span", { "aria-hidden": "true" }, SIGNS[card.indicator] ?? "●"), ` ${WORDS[card.indicator] ?? card.indicator}`),
      due(card),
    ),
    title,
  );
  const suggestions = card.suggestions ?? [];
  const facts = closed ? [] : askedBy(rationaleOf(card));
  const ask = facts.length
    ? el("button", { type: "button", class: "ask", "aria-haspopup": "dialog", onclick: () => does.answer(card, facts) }, askWords(facts))
    : null;
  if (suggestions.length && does.accept) {
    const buttons = suggestions.map((suggestion) =>
      el("li", {},
        el("button", {
          type: "button", class: "suggestion", disabled: Boolean(closed) || taken(suggestion),
          onclick: () => does.accept(card, suggestion),
        }, suggestion.label),
        taken(suggestion) ? el("span", { class: "taken" }, " In the drafts, not signed") : null,
      ),
    );
    const one = card.selectionBehavior !== "any" && suggestions.length > 1;
    article.append(one ? el("p", { class: "suggested" }, "One of these") : "", el("ul", { class: "suggestions", role: "list" }, ...buttons));
  }
  if (ask) article.append(ask);
  if (card.detail) article.append(detail(card.detail));
  article.append(el("footer", {}, source(card), closed || !does.dismiss ? null : dismissal(card, does)));
  if (!done?.dismissed) return article;
  const line = el("summary", {}, el("span", { class: "taken" }, `Dismissed: ${done.dismissed}`), ` · ${card.summary}`);
  return el("details", { class: "dismissed" }, line, article);
}

function source(card) {
  const { label, url } = card.source ?? {};
  const page = url?.startsWith("http") ? url : "/guideline";
  return el("p", { class: "source" }, "Source: ", el("a", { href: page }, label ?? "not named"));
}
