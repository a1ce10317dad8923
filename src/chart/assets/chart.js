// One open chart: asks the services, shows what they say, and follows what the user does.

import { cardOf } from "./cards.js";
import { differenceBox, differences } from "./difference.js";
import { showDrafts } from "./drafts.js";
import { orderEntry } from "./entry.js";
import { feedback, fire } from "./hooks.js";
import { byId, el, instant, now, put, say, state } from "./page.js";
import { whatIf } from "./what-if.js";
import { referenceOf } from "./record.js";

const OCCASIONS = {
  "patient-view": "On opening the chart",
  "order-select": "On selecting an order",
  "order-sign": "On signing the orders",
  "encounter-discharge": "On discharge",
  "appointment-book": "On booking the appointment",
  "order-dispatch": "On dispatching the order",
};

const count = (cards) => (cards.length === 1 ? "1 card" : `${cards.length} cards`);

class Chart {
  constructor(record) {
    this.record = record;
    this.answers = [];
    this.log = [];
    this.done = new Map();
    this.warned = false;
    this.base = null;
    this.facts = [];
  }

  /** Fires a hook and puts its answer first. */
  async ask(hook, selections = [], body = null) {
    state("asking");
    const answer = await fire(hook, this.record, selections, body);
    this.answers = [answer, ...this.answers.filter((known) => known.hook !== hook)];
    return answer;
  }

  /** Shows everything and says in one line what the last answer was. */
  async show(said = null) {
    this.#showCards();
    showDrafts(this);
    await this.#draw();
    const [last] = this.answers;
    say(said ?? (last.refused ? `Refused: ${last.refused}` : `${OCCASIONS[last.hook] ?? last.hook}: ${last.cards.length ? count(last.cards) : "no card"}.`));
    state("ready");
  }

  #showCards() {
    const sections = this.answers.map((answer) => {
      const does = {
        accept: (card, suggestion) => this.accept(answer, card, suggestion),
        dismiss: (card, reason, words) => this.dismiss(answer, card, reason, words),
      };
      const cards = answer.cards.map((card) => cardOf(card, does, this.done.get(card.uuid)));
      const silence = el("p", { class: "silence" }, "No card. On these facts the guideline asks for nothing more here.");
      const refusal = el("p", { class: "refused" }, el("strong", {}, "The service refused. "), answer.refused);
      return el("section", { class: "answer", "data-hook": answer.hook },
        el("h3", {}, OCCASIONS[answer.hook] ?? answer.hook, " ", el("code", {}, answer.hook)),
        ...(answer.refused ? [refusal] : cards.length ? cards : [silence]));
    });
    const log = this.log.length ? [el("ul", { class: "log", "aria-label": "What was done", role: "list" }, ...this.log.map((line) => el("li", {}, line)))] : [];
    byId("cards").replaceChildren(...log, ...sections);
  }

  /** Asks the page's own server for the pictures and tables of the record. */
  async #draw() {
    const answer = await fetch("/chart/view", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        patient: this.record.patient,
        resources: this.record.resources,
        drafts: this.record.live().map(({ resource }) => resource),
        cards: this.answers.flatMap(({ cards }) => cards),
      }),
    });
    if (!answer.ok) return;
    const { facts, ...regions } = await answer.json();
    this.facts = facts;
    for (const [id, html] of Object.entries(regions)) put(id, html);
    byId("banner").hidden = false;
  }

  async #again(focus, said) {
    await this.show(said);
    byId(focus)?.focus();
  }

  /** A new draft, selected at once. */
  async add(resource) {
    this.record.drafts.push({ resource, state: "draft", note: "" });
    await this.select([referenceOf(resource)]);
  }

  async select(selections) {
    this.warned = false;
    await this.ask("order-select", selections);
    await this.#again("cards-title");
  }

  async withdraw(draft) {
    this.record.drafts = this.record.drafts.filter((known) => known !== draft);
    this.#forgetOrders();
    await this.#again("cards-title", "Draft removed.");
  }

  #forgetOrders() {
    this.warned = false;
    this.answers = this.answers.filter(({ hook }) => hook === "patient-view");
  }

  /** Signs the drafts. Cards hold it up once; then the user decides. */
  async sign() {
    if (!this.warned) {
      const answer = await this.ask("order-sign");
      if (answer.cards.length || answer.refused) {
        this.warned = true;
        return this.#again("cards-title");
      }
    }
    this.record.sign(instant(now()));
    this.#forgetOrders();
    this.log.push("Signed. The orders are on the record now.");
    await this.ask("patient-view");
    await this.#again("cards-title");
  }

  /** Takes a suggestion over, tells the service, and asks again about the orders that it made. */
  async accept(answer, card, suggestion) {
    state("asking");
    const known = this.done.get(card.uuid) ?? { taken: [] };
    this.done.set(card.uuid, { ...known, taken: [...known.taken, suggestion.uuid] });
    const touched = this.record.apply(suggestion.actions ?? [], suggestion.label);
    const took = await feedback(answer.service, { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
    this.log.push(`Accepted: ${suggestion.label}. ${took ? "The service was told." : "The service did not take the feedback."}`);
    this.warned = false;
    if (touched.length) await this.ask("order-select", touched);
    await this.#again("cards-title", `Accepted: ${suggestion.label}.`);
  }

  async dismiss(answer, card, reason, words) {
    state("asking");
    const said = reason?.display ?? reason?.code ?? "no reason";
    this.done.set(card.uuid, { taken: [], dismissed: said });
    const overrideReason = { ...(reason ? { reason: { code: reason.code, system: reason.system } } : {}), ...(words ? { userComment: words } : {}) };
    const took = await feedback(answer.service, { card: card.uuid, outcome: "overridden", overrideReason });
    this.log.push(`Dismissed: ${said}. ${took ? "The service was told." : "The service did not take the feedback."}`);
    this.#showCards();
    say(`Dismissed: ${said}.`);
    byId("cards-title").focus();
    state("ready");
  }

  /** Asks again about a changed copy of the record and shows what moved. */
  async suppose(words, change) {
    this.base ??= { record: this.record, answers: this.answers, facts: this.facts };
    this.record = this.base.record.copy();
    change(this.record, this.base.facts);
    this.answers = [];
    for (const { hook, selections } of [...this.base.answers].reverse()) await this.ask(hook, selections);
    const found = this.base.answers.flatMap((before) => differences(before.cards, this.answers.find(({ hook }) => hook === before.hook)?.cards ?? []));
    byId("difference").replaceChildren(differenceBox(words, found, () => this.back()));
    document.body.dataset.supposed = "true";
    await this.#again("difference-title", `What if ${words}: ${found.length ? `${found.length} of the cards moved` : "nothing changes"}.`);
  }

  /** Back to the record as it is. */
  async back() {
    if (!this.base) return;
    Object.assign(this, this.base, { base: null });
    byId("difference").replaceChildren();
    byId("what-if").querySelector("form").reset();
    delete document.body.dataset.supposed;
    await this.#again("cards-title", "Back to the record.");
  }
}

/** Opens a chart and fires `calls` in order, each `{hook, selections, body}`. */
export async function openChart(record, calls) {
  const chart = new Chart(record);
  byId("chart").hidden = false;
  byId("difference").replaceChildren();
  delete document.body.dataset.supposed;
  orderEntry(chart);
  whatIf(chart);
  for (const { hook, selections, body } of calls) await chart.ask(hook, selections, body);
  await chart.show();
  return chart;
}
