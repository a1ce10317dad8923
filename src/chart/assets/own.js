// Your own data: files dropped, chosen or pasted are read by the service on this machine and shown like any chart.

import { openChart } from "./chart.js";
import { services } from "./hooks.js";
import { byId, el, say, state } from "./page.js";
import { Record } from "./record.js";

/** Reads one text. Gives what was found in it. */
async function read(text, lines) {
  const answer = await fetch(`/chart/read?lines=${lines}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: text });
  if (answer.ok) return answer.json();
  const told = await answer.json().catch(() => ({}));
  const why = told.issue?.[0]?.details?.text ?? `status ${answer.status}`;
  return { patients: [], calls: [], nobody: {}, unread: [`: ${why}`] };
}

async function openPatient({ id, resources, drafts }) {
  const record = new Record({ patient: id, resources, drafts });
  const calls = [{ hook: "patient-view" }];
  const selections = drafts.map((draft) => `${draft.resourceType}/${draft.id}`);
  if (selections.length) calls.push({ hook: "order-select", selections });
  await openChart(record, calls);
}

async function openCall({ hook, body }) {
  const request = JSON.parse(body);
  const keys = Object.keys((await services()).find((one) => one.hook === hook)?.prefetch ?? {});
  const { selections } = request.context ?? {};
  await openChart(Record.ofRequest(request, keys), [{ hook, selections: Array.isArray(selections) ? selections : [], body }]);
}

/** What can be opened, as buttons; what could not be read, as notes. */
function list(found) {
  const button = (words, open) => el("li", {}, el("button", { type: "button", onclick: () => open() }, words));
  const items = found.flatMap(({ source, patients, calls }) => [
    ...patients.map((patient) => button(`Patient ${patient.id}, ${patient.resources.length + patient.drafts.length} resources, ${source}`, () => openPatient(patient))),
    ...calls.map((call) => button(`Hook request ${call.hook}, ${source}`, () => openCall(call))),
  ]);
  const unread = found.flatMap(({ source, unread }) => unread.map((why) => `${source}${why}`));
  const nobody = found.flatMap(({ source, nobody }) => Object.entries(nobody).map(([kind, number]) => `${source}: ${number} ${kind || "resources without a type"} of no patient, left out`));
  byId("found").replaceChildren(
    unread.length ? el("div", { class: "unread" }, el("h3", {}, "Could not be read"), el("ul", {}, ...unread.map((line) => el("li", {}, line)))) : "",
    nobody.length ? el("ul", {}, ...nobody.map((line) => el("li", {}, line))) : "",
    items.length > 1 ? el("div", {}, el("h3", {}, "Open"), el("ul", { class: "open", role: "list" }, ...items)) : "",
    items.length + unread.length === 0 ? el("p", {}, "There is no patient and no hook request in it.") : "",
  );
  return unread.length;
}

async function take(texts) {
  state("reading");
  const found = [];
  for (const { source, text, lines } of texts) found.push({ source, ...(await read(text, lines)) });
  const unread = list(found);
  const [patient, call] = [found.flatMap(({ patients }) => patients)[0], found.flatMap(({ calls }) => calls)[0]];
  byId("chart").hidden = true;
  byId("banner").hidden = true;
  if (patient) await openPatient(patient);
  else if (call) await openCall(call);
  else {
    say(unread ? "Nothing could be read." : "Nothing to show.");
    state("ready");
  }
}

const failed = (error) => {
  say(`It could not be shown: ${error.message}.`);
  byId("found").append(el("p", { class: "refused" }, `It could not be shown: ${error.message}.`));
  state("failed");
};

async function takeFiles(files) {
  const texts = [...files].map(async (file) => ({ source: file.name, text: await file.text(), lines: /\.(ndjson|jsonl)$/i.test(file.name) }));
  await take(await Promise.all(texts));
}

const drop = byId("drop");
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.dataset.over = "true";
  });
}
drop.addEventListener("dragleave", () => delete drop.dataset.over);
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  delete drop.dataset.over;
  takeFiles(event.dataTransfer.files).catch(failed);
});
byId("file").addEventListener("change", (event) => takeFiles(event.target.files).catch(failed));
byId("take").addEventListener("click", () => {
  const text = byId("text").value;
  const isLines = text.trim().includes("\n") && text.trim().split("\n").every((line) => !line.trim() || line.trim().startsWith("{") && line.trim().endsWith("}"));
  take([{ source: "pasted text", text, lines: isLines }]).catch(failed);
});
state("ready");
