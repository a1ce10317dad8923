// The chart of a fixture patient: opens it, and does what its story begins with.

import { openChart } from "./chart.js";
import { Record } from "./record.js";
import { byId, el, say, state } from "./page.js";

async function open() {
  const answer = await fetch(`/chart/patients/${document.body.dataset.case}/record`);
  if (!answer.ok) throw new Error(`the record came with status ${answer.status}`);
  const told = await answer.json();
  const calls = [{ hook: "patient-view" }];
  if (told.hook && told.hook !== "patient-view") calls.push({ hook: told.hook, selections: told.selections });
  const lacks = [...told.unavailable.map((kind) => `${kind} fails`), ...told.absent.map((kind) => `${kind} is not sent`)];
  if (lacks.length) byId("banner").after(el("p", { class: "caution" }, `This EHR does not deliver everything: ${lacks.join(", ")}.`));
  await openChart(Record.ofFixture(told), calls);
}

open().catch((error) => {
  byId("cards").replaceChildren(el("p", { class: "refused" }, `The chart could not be opened: ${error.message}.`));
  say("The chart could not be opened.");
  state("failed");
});
