// Cards as an EHR shows them: urgency in colour, shape and word, markdown made safe, suggestions, source, reasons.

import { marked } from "./vendor/marked.esm.js";
import DOMPurify from "./vendor/purify.es.mjs";
import { distance, el, moment } from "./page.js";
import { dismissal } from "./dismiss.js";

const WORDS = { critical: "Critical", warning: "Warning", info: "For information" };
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

/** The deadline of a card, and how far it is. */
export function due(card) {
  const { deadline, overdue } = rationaleOf(card);
  if (!deadline) return null;
  const line = el("p", { class: "due", "data-deadline": deadline, "data-overdue": overdue === true });
  line.append(el("strong", {}, overdue ? "Overdue " : "Due "), el("span", { class: "left" }), el("span", {}, ` · by ${moment(deadline)}`));
  tick(line);
  return line;
}

function tick(line) {
  const { deadline } = line.dataset;
  line.querySelector(".left").textContent = "overdue" in line.dataset ? `by ${distance(deadline)}` : `in ${distance(deadline)}`;
}

setInterval(() => document.querySelectorAll(".due").forEach(tick), 20_000);

/** One card. `does` has `accept(card, suggestion)` and `dismiss(card, reason, comment)`; `done` says what was done already. */
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
  if (card.detail) article.append(el("div", { class: "detail" }, markdown(card.detail)));
  const suggestions = card.suggestions ?? [];
  if (suggestions.length) {
    const buttons = suggestions.map((suggestion) =>
      el("li", {},
        el("button", {
          type: "button", class: "suggestion", disabled: Boolean(closed) || taken(suggestion),
          onclick: () => does.accept(card, suggestion),
        }, suggestion.label),
        taken(suggestion) ? el("span", { class: "taken" }, " Accepted") : null,
      ),
    );
    const head = card.selectionBehavior === "any" ? "Suggested" : suggestions.length > 1 ? "Suggested, at most one" : "Suggested";
    article.append(el("p", { class: "suggested" }, head), el("ul", { class: "suggestions", role: "list" }, ...buttons));
  }
  article.append(el("footer", {}, source(card), closed ? null : dismissal(card, does)));
  if (done?.dismissed) article.append(el("p", { class: "taken" }, `Dismissed: ${done.dismissed}`));
  return article;
}

function source(card) {
  const { label, url } = card.source ?? {};
  const page = url?.startsWith("http") ? url : "/guideline";
  return el("p", { class: "source" }, "Source: ", el("a", { href: page }, label ?? "not named"));
}
