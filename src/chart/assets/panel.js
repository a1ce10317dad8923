// The panel in which a card's questions are answered: one click an answer, what changes beside it, and Save.
//
// Questions, points, codes and bands come from the service as they are; this file knows none of them.

import { differences } from "./difference.js";
import { fire } from "./hooks.js";
import { cardLine } from "./cards.js";
import { byId, el, post, say } from "./page.js";

/** What the panel can ask for: fact names with what a reader calls them. */
const ASKS = JSON.parse(byId("chart").dataset.asks);

/** A fact as a reader calls it. */
export const plainName = (fact) => ASKS[fact] ?? fact.replaceAll("_", " ");

/** The facts that a card asks for and the panel has questions for. */
export const askedBy = (rationale) =>
  [...new Set((rationale.recommendations ?? []).flatMap(({ missing }) => missing ?? []))].filter((fact) => fact in ASKS);

/** What the button of a card says. */
export function askWords(facts) {
  const names = facts.map((fact, number) => {
    const name = ASKS[fact];
    return number && !/^[A-Z][A-Z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
  });
  return names.length > 2 ? `Answer: ${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : `Answer: ${names.join(", ")}`;
}

/** Opens the panel for these facts; for all of them without any. */
export async function openPanel(chart, title, facts = []) {
  // What if is a copy: answers go onto the record.
  await chart.back();
  const { record } = chart;
  const whose = { patient: record.patient, user: record.user, encounter: record.encounter ?? undefined, resources: record.resources };
  const asked = await post("/chart/panel", { ...whose, facts });
  if (!asked.ok) return say("The questions could not be had.");
  const panel = new Panel(chart, whose, title, await asked.text());
  panel.open();
}

class Panel {
  constructor(chart, whose, title, questions) {
    Object.assign(this, { chart, whose, answers: new Map(), amount: null, turn: 0, saving: false });
    this.form = el("form", { class: "asked", id: "panel-form" });
    this.form.innerHTML = questions;
    this.after = el("ul", { class: "after", role: "list" });
    this.said = el("p", { class: "said", role: "status" });
    this.confirm = el("button", { type: "button", class: "confirm", hidden: true, onclick: () => this.#confirmAll() }, "Confirm what is dashed");
    this.save = el("button", { type: "submit", form: "panel-form", class: "primary", id: "panel-save", disabled: true, hidden: chart.saves === "" }, chart.saves ?? "Save to the chart");
    this.copy = el("button", { type: "button", onclick: () => this.#copyNote() }, "Copy as note text");
    this.text = el("textarea", { class: "note-text", rows: "5", readonly: true, hidden: true, "aria-label": "Note text" });
    this.dialog = el("dialog", { class: "panel", "aria-labelledby": "panel-title" },
      el("header", {},
        el("h2", { id: "panel-title" }, title),
        el("p", { class: "hint" }, this.#hint()),
        el("button", { type: "button", class: "close", "aria-label": "Close without saving", onclick: () => this.dialog.close() }, "✕")),
      el("div", { class: "sides" }, this.form,
        el("aside", { "aria-label": "What the answers change" }, el("h3", {}, "The cards with these answers"), this.after)),
      el("footer", {}, this.text, this.said, el("p", { class: "does" }, this.save, chart.user ? el("span", { class: "hint", id: "panel-user" }, `as ${chart.user}`) : null, this.confirm, this.copy), el("p", { class: "hint keys" }, "Arrow keys choose, Delete clears an answer, Escape closes.")),
    );
    this.form.addEventListener("click", (event) => this.#clicked(event));
    this.form.addEventListener("change", ({ target }) => {
      if (this.answers.get(target.name) !== target.value) this.#answer(target);
    });
    this.form.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.dialog.addEventListener("close", () => this.dialog.remove());
  }

  /** What stands on the record already. */
  #hint() {
    if (this.form.querySelector("[data-known]:not(fieldset[data-context] *)")) return "Dashed: from the chart, please confirm.";
    const level = this.form.querySelector('[name="level"][data-known]');
    return level ? `Level ${level.value} is from the chart: see that it is right. Nothing else of this is on record yet.` : "Nothing of this is on record yet.";
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    const first = this.form.querySelector("fieldset:not([data-context]) input:checked") ?? this.form.querySelector("fieldset:not([data-context]) input");
    first?.focus();
    this.#update();
  }

  /** The questions whose answer of the record nobody has confirmed. */
  #unconfirmed() {
    return [...this.form.querySelectorAll('fieldset:not([data-question="sins-location"]):not([data-answered]) input[data-known]:checked')];
  }

  /** A click chooses or confirms, and a second one clears. A change by the keyboard comes as a click, too. */
  #clicked({ target }) {
    if (target.type !== "radio") return;
    if (this.answers.get(target.name) === target.value) this.#clear(target);
    else this.#answer(target);
  }

  #key(event) {
    if (event.target.type !== "radio") return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#clear(event.target);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.#answer(event.target, true);
    }
  }

  #answer(input, byKey = false) {
    if (byKey) input.checked = true;
    this.answers.set(input.name, input.value);
    input.closest("fieldset").dataset.answered = "true";
    if (input.name === "level") this.answers.delete("sins-location");
    this.#update();
  }

  #clear(input) {
    const fieldset = input.closest("fieldset");
    const known = fieldset.querySelector("[data-known]");
    fieldset.querySelectorAll("input").forEach((one) => (one.checked = one === known));
    delete fieldset.dataset.answered;
    this.answers.delete(input.name);
    this.#update();
  }

  #confirmAll() {
    for (const input of this.#unconfirmed()) {
      this.answers.set(input.name, input.value);
      input.closest("fieldset").dataset.answered = "true";
    }
    this.#update();
    this.save.focus();
  }

  /** Asks what the answers amount to, then the services what they lead to. A later change overtakes an earlier one. */
  async #update() {
    const turn = ++this.turn;
    this.dialog.dataset.state = "asking";
    const shown = Object.fromEntries(new FormData(this.form));
    const answer = await post("/chart/panel/amount", { ...this.whose, answers: Object.fromEntries(this.answers), shown });
    if (turn !== this.turn) return;
    if (!answer.ok) {
      this.amount = null;
      this.save.disabled = this.copy.disabled = true;
      this.said.textContent = "The answers could not be taken: close the panel and open it again.";
      this.text.hidden = this.text.value === "";
      this.dialog.dataset.state = "ready";
      return;
    }
    const amount = await answer.json();
    this.amount = amount;
    if (amount.location !== null && !this.answers.has("sins-location")) {
      const place = this.form.querySelector(`[name="sins-location"][value="${amount.location}"]`);
      if (place) place.checked = true;
    }
    for (const [group, html] of Object.entries(amount.standing)) {
      const place = this.form.querySelector(`.standing[data-of="${group}"]`);
      if (place && place.innerHTML !== html) place.innerHTML = html;
    }
    this.confirm.hidden = this.#unconfirmed().length === 0;
    this.copy.disabled = amount.note === "" && amount.changed.length === 0;
    this.save.disabled = this.copy.disabled || this.saving;
    this.text.value = amount.note;
    await this.#preview(turn);
    if (turn === this.turn) this.dialog.dataset.state = "ready";
  }

  async #preview(turn) {
    const { chart } = this;
    const record = chart.record.with(this.amount);
    const answers = [];
    for (const { hook, selections } of [...chart.answers].reverse()) answers.push(await fire(hook, record, selections));
    if (turn !== this.turn) return;
    this.said.classList.remove("trouble");
    const before = chart.answers.flatMap(({ cards }) => cards);
    const after = answers.flatMap(({ cards }) => cards);
    const found = differences(before, after);
    const kindOf = (card) => ({ New: "new", Now: "changed" })[found.find((one) => one.card === card)?.kind];
    const gone = found.filter(({ kind }) => kind === "Gone");
    this.after.replaceChildren(
      ...after.map((card) => cardLine(card, kindOf(card))),
      ...gone.map(({ before: { summary } }) => el("li", { class: "gone" }, el("s", {}, summary), el("span", { class: "tag" }, "answered"))),
      ...(after.length ? [] : [el("li", { class: "nothing" }, "No card: nothing more is asked for.")]),
    );
    const changed = found.length === 1 ? "1 card changes" : `${found.length} cards change`;
    this.said.textContent = this.answers.size === 0 ? "Nothing is answered yet." : found.length ? `${changed}.` : "No card changes.";
  }

  async #copyNote() {
    try {
      await navigator.clipboard.writeText(this.amount.note);
      this.copy.textContent = "Copied";
    } catch {
      this.text.hidden = false;
      this.text.select();
    }
  }

  async #save() {
    if (this.save.disabled) return;
    this.saving = this.save.disabled = true;
    while (this.dialog.dataset.state !== "ready") await new Promise((done) => setTimeout(done, 20));
    const { amount } = this;
    // Closed while it waited, or not taken: nothing is saved. What an EHR does not take stays in the panel, and as text.
    const trouble = this.dialog.open && amount ? await this.chart.write?.(Object.fromEntries(this.answers), Object.fromEntries(new FormData(this.form))) : null;
    this.saving = false;
    if (!this.dialog.open || !amount) return;
    if (trouble) return this.#keep(trouble);
    this.dialog.close();
    await this.chart.save(amount);
  }

  /** Shows what was not saved and why, with the answers as text; they can be saved again. */
  #keep(trouble) {
    this.said.replaceChildren(...trouble);
    this.said.classList.add("trouble");
    this.text.hidden = false;
    this.save.disabled = false;
    this.save.focus();
  }
}
