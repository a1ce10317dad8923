// One open chart: asks the services, shows what they say, and follows what the user does.

import { OCCASIONS, keyOf, sectionsOf } from "./answers.js";
import { differenceBox, differences } from "./difference.js";
import { showDrafts } from "./drafts.js";
import { orderEntry } from "./entry.js";
import { feedback, fire } from "./hooks.js";
import { byId, el, instant, now, post, put, say, state } from "./page.js";
import { openPanel } from "./panel.js";
import { whatIf } from "./what-if.js";
import { referenceOf } from "./record.js";

const count = (cards) => (cards.length === 1 ? "1 card" : `${cards.length} cards`);

/** Asks the page's own server for the pictures and tables of a record. Gives what else it tells of it. */
export async function drawRecord(record, answers) {
  const answer = await post("/chart/view", {
    patient: record.patient,
    resources: record.resources,
    drafts: record.live().map(({ resource }) => resource),
    cards: answers.flatMap(({ cards }) => cards),
  });
  if (!answer.ok) return {};
  const { facts, silence, ...regions } = await answer.json();
  for (const [id, html] of Object.entries(regions)) put(id, html);
  byId("banner").hidden = false;
  return { facts, silence };
}

class Chart {
  constructor(record) {
    this.record = record;
    this.answers = [];
    this.log = [];
    this.done = new Map();
    /** Dismissed cards by what they say: the same card stays away, a new or worse one does not. */
    this.dismissed = new Map();
    this.warned = false;
    this.base = null;
    this.made = new Map(); // Of each draft the card and its suggestion.
    /** Why the chart is silent when it is opened. */
    this.silence = [];
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
    state("asking");
    await this.#draw();
    this.#showCards();
    showDrafts(this);
    const [last] = this.answers;
    say(said ?? (last.refused ? `Refused: ${last.refused}` : `${OCCASIONS[last.hook] ?? last.hook}: ${last.cards.length ? count(last.cards) : "no card"}.`));
    state("ready");
  }

  #showCards() {
    const does = (answer) => ({
      accept: (card, suggestion) => this.accept(answer, card, suggestion),
      dismiss: (card, reason, words) => this.dismiss(answer, card, reason, words),
      answer: (card, facts) => openPanel(this, card.summary, facts),
    });
    const sections = sectionsOf(this.answers, this.silence, does, (card) => this.#doneWith(card));
    const log = this.log.length ? [el("ul", { class: "log", "aria-label": "What was done", role: "list" }, ...this.log.map((line) => el("li", {}, line)))] : [];
    const held = this.warned ? [el("p", { class: "held" }, "Not signed yet. ", el("a", { href: "#basket" }, "The drafts"), " stand below what the guideline says.")] : [];
    byId("cards").replaceChildren(...log, ...held, ...sections);
  }

  /** What was done with a card: with this one, or dismissed when it said the same before. */
  #doneWith(card) {
    const dismissed = this.dismissed.get(keyOf(card));
    return this.done.get(card.uuid) ?? (dismissed ? { taken: [], dismissed } : undefined);
  }

  /** Cards that hold up the signing: critical ones that nobody has dealt with. */
  critical() {
    const cards = this.answers.filter(({ hook }) => hook === "order-sign").flatMap(({ cards }) => cards);
    return cards.filter((card) => card.indicator === "critical" && !this.#doneWith(card));
  }

  async #draw() {
    Object.assign(this, await drawRecord(this.record, this.answers));
  }

  /** What was done since cannot be taken back with an earlier answer. */
  #moveOn() {
    if (!this.base) byId("difference").replaceChildren();
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
    this.#moveOn();
    this.warned = false;
    await this.ask("order-select", selections);
    await this.#again("cards-title");
  }

  async withdraw(draft) {
    this.#moveOn();
    this.record.drafts = this.record.drafts.filter((known) => known !== draft);
    // Its suggestion can be taken again: no draft stands for it any more.
    const { card, suggestion } = this.made.get(referenceOf(draft.resource)) ?? {};
    if (card) this.done.get(card).taken = this.done.get(card).taken.filter((uuid) => uuid !== suggestion);
    this.#forgetOrders();
    await this.#again("cards-title", "Draft removed.");
  }

  #forgetOrders() {
    this.warned = false;
    this.answers = this.answers.filter(({ hook }) => hook === "patient-view");
  }

  /** Signs the drafts. Cards hold it up once; then the user decides, over a critical one with a reason. */
  async sign(reasonCode = null) {
    if (!this.warned) {
      const answer = await this.ask("order-sign");
      if (answer.cards.length || answer.refused) {
        this.warned = true;
        return this.#again("cards-title");
      }
    }
    const answer = this.answers.find(({ hook }) => hook === "order-sign");
    for (const card of this.warned ? this.critical() : []) {
      const reason = card.overrideReasons?.find(({ code }) => code === reasonCode);
      await this.#override(answer, card, reason);
    }
    this.#moveOn();
    this.record.sign(instant(now()));
    this.#forgetOrders();
    this.log.push("Signed. The orders are on the record now.");
    await this.ask("patient-view");
    await this.#again("cards-title");
  }

  /** Takes a suggestion over, tells the service, and asks again about the orders that it made. */
  async accept(answer, card, suggestion) {
    this.#moveOn();
    state("asking");
    const known = this.done.get(card.uuid) ?? { taken: [] };
    this.done.set(card.uuid, { ...known, taken: [...known.taken, suggestion.uuid] });
    const touched = this.record.apply(suggestion.actions ?? [], suggestion.label);
    const took = await feedback(answer.service, { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
    for (const reference of touched) this.made.set(reference, { card: card.uuid, suggestion: suggestion.uuid });
    const next = touched.length ? "It is a draft: sign it to order it." : "";
    const said = [`Taken over: ${suggestion.label}.`, next, took ? "" : "The service did not take the feedback."].filter(Boolean).join(" ");
    this.log.push(said);
    this.warned = false;
    if (touched.length) Object.assign(await this.ask("order-select", touched), { followsAcceptance: true });
    else await this.#askAll();
    await this.#again("cards-title", said);
  }

  /** Tells the service why a card is not followed. Gives the reason in words. */
  async #override(answer, card, reason, words = "") {
    const said = reason?.display ?? reason?.code ?? "no reason";
    this.dismissed.set(keyOf(card), said);
    const overrideReason = { ...(reason ? { reason: { code: reason.code, system: reason.system } } : {}), ...(words ? { userComment: words } : {}) };
    const took = await feedback(answer.service, { card: card.uuid, outcome: "overridden", overrideReason });
    this.log.push(`Dismissed: ${said}.${took ? "" : " The service did not take the feedback."}`);
    return said;
  }

  async dismiss(answer, card, reason, words) {
    state("asking");
    const said = await this.#override(answer, card, reason, words);
    this.#showCards();
    say(`Dismissed: ${said}.`);
    byId("cards-title").focus();
    state("ready");
  }

  /** Asks every moment again about the record as it is now. */
  async #askAll() {
    const before = [...this.answers].reverse();
    this.answers = [];
    for (const { hook, selections } of before) await this.ask(hook, selections);
  }

  /** Takes what an answered form records onto the record, asks again, and shows what it changed. */
  async save(amount) {
    const was = { record: this.record, answers: this.answers };
    this.record = this.record.with(amount);
    await this.#askAll();
    const found = was.answers.flatMap((before) => differences(before.cards, this.answers.find(({ hook }) => hook === before.hook)?.cards ?? []));
    const said = amount.note.split("\n").slice(0, -1).join(" ");
    const undo = async () => {
      Object.assign(this, was);
      this.log.push("Taken back.");
      byId("difference").replaceChildren();
      await this.#again("cards-title", "Taken back.");
    };
    byId("difference").replaceChildren(differenceBox("Saved", said, found, { label: "Take it back", does: undo }));
    await this.#again("difference-title", `Saved: ${found.length ? `${found.length} of the cards changed` : "no card changes"}.`);
  }

  /** Asks again about a changed copy of the record and shows what moved. */
  async suppose(words, change) {
    this.base ??= { record: this.record, answers: this.answers, facts: this.facts };
    this.record = this.base.record.copy();
    change(this.record, this.base.facts);
    this.answers = [];
    for (const { hook, selections } of [...this.base.answers].reverse()) await this.ask(hook, selections);
    const found = this.base.answers.flatMap((before) => differences(before.cards, this.answers.find(({ hook }) => hook === before.hook)?.cards ?? []));
    byId("difference").replaceChildren(differenceBox("What if", words, found, { label: "Back to the record", does: () => this.back() }));
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
  byId("record-findings").onclick = () => openPanel(chart, "Record findings");
  orderEntry(chart);
  whatIf(chart);
  for (const { hook, selections, body } of calls) await chart.ask(hook, selections, body);
  await chart.show();
  return chart;
}
