// The panel inside an EHR: the record of the open patient, the cards, the questions, and answers written to the EHR.

import { sectionsOf } from "./answers.js";
import { drawRecord } from "./chart.js";
import { differenceBox, differences } from "./difference.js";
import { fire } from "./hooks.js";
import { byId, el, get, post, say, state } from "./page.js";
import { openPanel } from "./panel.js";
import { Record } from "./record.js";

const { facts, writes, user = "" } = document.body.dataset;
const SAVES = { observations: "Save to the EHR", response: "Save to the EHR" };
const ENDED = "The sign-in at the EHR has ended. Open the panel again from the patient's chart; copy the text below first.";

/** The words of a refusal. */
async function wordsOf(answer) {
  const { details, diagnostics } = (await answer.json().catch(() => ({}))).issue?.[0] ?? {};
  return [details?.text, diagnostics].filter(Boolean).join(" ") || `The service answered with status ${answer.status}.`;
}

class App {
  constructor() {
    this.record = null;
    this.answers = [];
    /** What the button of the panel says; empty where nothing can be written. */
    this.saves = SAVES[writes] ?? "";
    /** Who saves, beside that button. */
    this.user = user;
    this.said = [];
  }

  /** Reads the record of the EHR, asks about it and shows both. */
  async read() {
    state("asking");
    const answer = await get("/record");
    if (!answer.ok) throw new Error(answer.status === 401 ? ENDED : await wordsOf(answer));
    this.record = Record.ofEhr(await answer.json());
    this.answers = [await fire("patient-view", this.record)];
    const { silence = [] } = await drawRecord(this.record, this.answers);
    const does = () => ({ answer: (card, asked) => this.ask(card.summary, asked) });
    byId("cards").replaceChildren(...sectionsOf(this.answers, silence, does, () => undefined));
    byId("record-findings").disabled = false;
    state("ready");
  }

  /** Opens the panel; whose chart it is stands in its title. */
  async ask(words, facts = []) {
    await openPanel(this, `${byId("banner").querySelector("h1").textContent}: ${words}`, facts);
  }

  /** Nothing is supposed here. */
  async back() {}

  /** Writes answers to the EHR. Gives what to show where not all of it is there, or nothing. */
  async write(answers, shown) {
    let answer;
    try {
      answer = await post("/save", { patient: this.record.patient, answers, shown });
    } catch {
      return ["The connection was lost. Whether it was saved is not known; saving again writes nothing twice. Your answers are below as text."];
    }
    if (answer.status === 409) return [await wordsOf(answer)];
    if (!answer.ok) return [answer.status === 401 ? ENDED : `Nothing was saved: ${await wordsOf(answer)}`];
    const { saved } = await answer.json();
    const of = (...outcomes) => saved.filter(({ outcome }) => outcomes.includes(outcome));
    this.said = of("saved", "already").map(({ what }) => what);
    const failed = of("failed");
    if (!failed.length) return null;
    const there = of("saved", "already").map(({ what, outcome }) => el("li", { "data-outcome": outcome }, `Saved: ${what}`));
    const not = failed.map(({ what, why }) => el("li", { "data-outcome": "failed" }, `Not saved: ${what}. ${why}`));
    return [el("strong", {}, there.length ? "Only a part was saved. " : "Nothing was saved. "), "Save again writes what is missing.", el("ul", {}, ...there, ...not)];
  }

  /** Everything is saved, and what the record says now is not known: what was read before is no longer shown as if it were. */
  unread(error) {
    const words = "Saved; the record could not be read again.";
    byId("difference").replaceChildren(
      el("h3", { id: "difference-title", tabindex: "-1" }, words),
      el("p", {}, `Saved: ${this.said.join("; ")}.`),
      el("p", {}, `What stands below was read before that. ${error.message}`),
    );
    byId("difference-title").focus();
    say(words);
    state("ready");
  }

  /** After everything was written: the record as the EHR has it now, and what that changed. */
  async save() {
    const before = this.answers.flatMap(({ cards }) => cards);
    try {
      await this.read();
    } catch (error) {
      return this.unread(error);
    }
    const found = differences(before, this.answers.flatMap(({ cards }) => cards));
    const box = differenceBox("Saved to the EHR", this.said.join("; "), found);
    byId("difference").replaceChildren(box);
    byId("difference-title").focus();
    say(`Saved: ${found.length ? `${found.length} of the cards changed` : "no card changes"}.`);
  }
}

/** Ends the session: nothing of the patient stays on the screen. */
async function close() {
  const answer = await post("/end", {}).catch(() => null);
  const ended = answer !== null && (answer.ok || answer.status === 401);
  if (!ended) {
    say("The panel could not be closed. Try again, or close the browser.");
    return;
  }
  document.querySelectorAll("dialog").forEach((dialog) => dialog.remove());
  document.querySelector("header.top").replaceChildren();
  byId("main").replaceChildren(el("h1", { tabindex: "-1", id: "closed" }, "The panel is closed"), el("p", { class: "lead" }, "Open it again from the patient's chart."));
  byId("closed").focus();
  state("closed");
}

async function open() {
  byId("end").onclick = close;
  const app = new App();
  await app.read();
  byId("record-findings").onclick = () => app.ask("record findings");
  const asked = facts.split(" ").filter(Boolean);
  if (asked.length) await app.ask("what the card asks", asked);
}

open().catch((error) => {
  byId("banner").replaceChildren(el("h1", {}, "The record could not be read"));
  byId("cards").replaceChildren(el("p", { class: "refused" }, error.message));
  say("The record could not be read.");
  state("failed");
});
