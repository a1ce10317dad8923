// What an EHR can do wrong while answers are saved: nothing that was answered is lost, and the panel says what is saved.

import { assert, cards, ready, scenario } from "./browser.mjs";
import { choice, control, launch, panel, settled, tell } from "./ehr/steps.mjs";

const { PATIENT, EHR_URL } = process.env;
const said = (page) => panel(page).locator(".said").innerText();
const save = async (page) => {
  await settled(page);
  await panel(page).getByRole("button", { name: "Save to the EHR" }).click();
};
/** Saves, and waits for what the panel has to say. */
async function saveAndFail(page) {
  await panel(page).locator(".said").evaluate((line) => line.classList.remove("trouble"));
  await save(page);
  await panel(page).locator(".said.trouble").waitFor();
  return said(page);
}
const written = async (kind = "Observation") => (await control())[kind].filter(({ identifier }) => identifier?.some(({ system }) => system === "urn:spinal-mets-cds:answer"));
const codes = async () => (await written()).map(({ code }) => code.coding[0].code).sort();

await scenario(async (open) => {
  const page = await open(null);
  await launch(page, { patient: PATIENT });
  await ready(page);
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  const answers = [["ECOG", /^2/], ["Life expectancy", "3 months or more"], ["Epidural compression (ESCC)", /^1b/]];
  for (const [question, answer] of answers) await choice(page, question, answer).click();
  const kept = async () => {
    for (const [question, answer] of answers) assert.ok(await choice(page, question, answer).isChecked(), `${question} is still answered`);
    assert.match(await panel(page).locator("textarea").inputValue(), /ECOG: 2\.\nLife expectancy: 3 months or more\./);
    assert.ok(await panel(page).locator("textarea").isVisible());
  };

  // Refused one by one: the others are saved, and each refusal is told.
  await tell("settings", { faults: [{ status: 422, words: "No grade without a study" }, {}, { status: 403 }] });
  const first = await saveAndFail(page);
  assert.match(first, /Only a part was saved\. Save again writes what is missing\./);
  assert.equal((first.match(/Not saved/g) ?? []).length, 2, first);
  assert.match(first, /The EHR does not accept it as it is\. It says: No grade without a study/);
  assert.match(first, /The EHR does not let you write this\./);
  assert.match(first, /Saved: ECOG: 2/);
  assert.equal((await written()).length, 1);
  await kept();

  // Saved again while the EHR fails otherwise: what is there stays one, the rest is not tried once the EHR is gone.
  for (const [fault, words] of [
    [{ status: 409 }, /holds something that contradicts it/],
    [{ status: 412 }, /holds several of this answer already/],
    [{ status: 429 }, /busy/],
    [{ status: 500 }, /The EHR failed/],
    [{ status: 503 }, /The EHR failed/],
    [{ drop: "before" }, /connection to the EHR was lost/],
  ]) {
    await tell("settings", { faults: [fault, fault] });
    const told = await saveAndFail(page);
    assert.match(told, words, JSON.stringify(fault));
    assert.match(told, /Saved: ECOG: 2/);
    assert.equal((await written()).length, 1, JSON.stringify(fault));
    await kept();
  }

  // Written, and the connection is lost before the answer comes: nobody knows, and saving again writes nothing twice.
  await tell("settings", { faults: [{ drop: "after" }] });
  const lost = await saveAndFail(page);
  assert.match(lost, /Whether this was saved is not known; saving again writes nothing twice\./);
  await kept();
  await tell("settings", {});
  await save(page);
  await panel(page).waitFor({ state: "detached" });
  await ready(page);
  assert.deepEqual(await codes(), ["89247-1", "escc-grade", "life-expectancy"]);
  const derived = (await written()).filter(({ derivedFrom }) => derivedFrom).map(({ code, derivedFrom }) => [code.coding[0].code, derivedFrom[0].reference.split("/")[0]]);
  assert.deepEqual(derived, [["escc-grade", "ImagingStudy"]], "a grade is of the MRI that was read");

  // The EHR does not answer at all while the record is read for saving: nothing is written.
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  await choice(page, "ECOG", /^3/).click();
  await tell("settings", { dead: true });
  assert.match(await saveAndFail(page), /^Nothing was saved: /);
  await tell("settings", {});
  // A correction is a second Observation; what stands in the EHR is never changed.
  await save(page);
  await panel(page).waitFor({ state: "detached" });
  await ready(page);
  const { Observation: all } = await control();
  const ecog = all.filter(({ identifier, code }) => identifier && code.coding[0].code === "89247-1");
  assert.deepEqual(ecog.map(({ valueInteger }) => valueInteger).sort(), [2, 3]);

  // The token ends while the form is open: the answers are there as text.
  await tell("settings", { expires_in: 8 });
  await launch(page, { patient: PATIENT });
  const ends = Date.now() + 8000;
  await ready(page);
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  await choice(page, "ECOG", /^4/).click();
  await settled(page);
  await page.waitForTimeout(Math.max(0, ends - Date.now()));
  assert.match(await saveAndFail(page), /sign-in at the EHR has ended/);
  assert.match(await panel(page).locator("textarea").inputValue(), /ECOG: 4/);
  assert.equal((await written()).length, 4);

  // The EHR no longer knows the token: the session is over, and the answers are there as text.
  await tell("settings", {});
  await launch(page, { patient: PATIENT });
  await ready(page);
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  await choice(page, "ECOG", /^4/).click();
  await tell("settings", { faults: [{ status: 401 }] });
  assert.match(await saveAndFail(page), /sign-in at the EHR has ended/);
  assert.match(await panel(page).locator("textarea").inputValue(), /ECOG: 4/);
  await panel(page).getByRole("button", { name: "Close without saving" }).click();
  await page.reload();
  assert.match(await page.locator("main").innerText(), /Open the panel again from the patient's chart/);

  // Everything is saved and the record cannot be read again: both are told.
  await tell("settings", {});
  await launch(page, { patient: PATIENT });
  await ready(page);
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  assert.match(await panel(page).innerText(), /as Practitioner\/dr-1/);
  await choice(page, "ECOG", /^4/).click();
  await page.route("**/record", (route) => route.fulfill({ status: 503, json: {} }));
  await save(page);
  await page.getByText("Saved; the record could not be read again.").first().waitFor();
  await page.unroute("**/record");
  assert.equal((await written()).length, 5);

  // Closed: nothing of the patient stays on the screen, and going back opens nothing.
  await page.getByRole("button", { name: "Close the panel" }).click();
  await page.getByRole("heading", { name: "The panel is closed" }).waitFor();
  await page.reload();
  assert.match(await page.locator("main").innerText(), /Open the panel again from the patient's chart/);
}, /\/(save|record|chart\/panel\/amount|smart\/app\/[\w-]+)$/, [EHR_URL]);
