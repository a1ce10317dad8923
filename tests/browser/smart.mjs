// The panel inside an EHR: launched from a card, answered, saved, and seen again.

import { assert, cards, ready, scenario } from "./browser.mjs";
import { choice, control, launch, panel, settled } from "./ehr/steps.mjs";

const { PATIENT, APP_CONTEXT, EHR_URL, BASE_URL } = process.env;
const leads = async (page) => (await cards(page)).map((card) => card.codes[0]);

await scenario(async (open) => {
  const page = await open(null);
  await launch(page, { patient: PATIENT, appContext: APP_CONTEXT });
  await settled(page);
  // Nothing of the sign-in is left in the address, and the questions are those of the card.
  const address = new URL(page.url());
  assert.match(address.pathname, /^\/smart\/app\/[\w-]+$/);
  assert.equal(address.search, "");
  assert.equal(await panel(page).locator("fieldset").count(), 7, "only the questions of the SINS");
  assert.ok(await choice(page, "Level", "T8").isChecked(), "prefilled from the record");
  assert.deepEqual(await leads(page), ["sins-not-recorded"]);
  for (const [question, answer] of [["Pain", /^mechanical/], ["Lesion", /^lytic/], ["Alignment", /^normal/], ["Collapse", /^< 50/], ["Posterolateral", /^one side/]]) {
    await choice(page, question, answer).click();
  }
  await settled(page);
  assert.match(await panel(page).locator(".standing").innerText(), /SINS 9 of 18 · potentially unstable/);
  assert.match(await panel(page).locator(".after").innerText(), /SINS 9 at T8/);
  assert.deepEqual((await control()).Observation.filter(({ identifier }) => identifier), [], "nothing is written before Save");
  await panel(page).getByRole("button", { name: "Save to the EHR" }).click();
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.ok((await leads(page)).includes("sins-mdt-consult"), JSON.stringify(await leads(page)));
  const { Observation: written, log } = await control();
  const [sins, ...more] = written.filter(({ identifier }) => identifier?.[0].system === "urn:spinal-mets-cds:answer");
  assert.equal(more.length, 0);
  assert.equal(sins.valueInteger, 9);
  assert.equal(sins.status, "final");
  assert.equal(sins.component.length, 6);
  assert.equal(sins.subject.reference, `Patient/${PATIENT}`);
  assert.match(sins.performer[0].reference, /Practitioner\/dr-1$/);
  const [{ scopes }] = log.filter(({ step }) => step === "authorize");
  assert.ok(scopes.includes("launch") && scopes.includes("patient/Observation.c") && scopes.includes("patient/Patient.rs"), scopes.join(" "));
  assert.ok(!scopes.some((scope) => scope.includes("*") || scope.includes("offline")), scopes.join(" "));

  // A second window on another launch has a session of its own; the first one goes on.
  const other = await open(null, { beside: page });
  await launch(other, { patient: PATIENT });
  await ready(other);
  assert.notEqual(new URL(other.url()).pathname, address.pathname);
  await page.reload();
  await ready(page);
  await page.keyboard.press("Escape");

  // The same again is no second answer.
  await other.getByRole("button", { name: "Record findings" }).click();
  await settled(other);
  for (const name of ["Pain", "Lesion", "Alignment", "Collapse", "Posterolateral"]) {
    await panel(other).getByRole("group", { name, exact: true }).locator("input[data-known]").click();
  }
  await settled(other);
  await panel(other).getByRole("button", { name: "Save to the EHR" }).click();
  await other.locator("#difference-title").waitFor();
  await ready(other);
  assert.equal((await control()).Observation.filter(({ identifier }) => identifier).length, 1);
}, /$^/, [EHR_URL]);
