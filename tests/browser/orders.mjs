// Orders: write one, take the suggestion, sign; dismiss a card with a reason.

import { assert, cards, ready, scenario } from "./browser.mjs";

const WEAK_LEG = "/chart/patients/story-lung-weak-leg-no-pain";

/** Answers feedback in the place of the service and keeps what it was sent. */
async function feedback(page) {
  const sent = [];
  await page.route("**/feedback", async (route) => {
    sent.push({ url: route.request().url(), ...route.request().postDataJSON() });
    await route.fulfill({ status: 200, body: "" });
  });
  return sent;
}

const drafts = (page) => page.locator("#drafts li").evaluateAll((all) => all.map((one) => [one.dataset.state, one.querySelector(".order").innerText]));

await scenario(async (open) => {
  const page = await open(null);
  const sent = await feedback(page);
  await page.goto(`${process.env.BASE_URL}${WEAK_LEG}`);
  await ready(page);
  assert.deepEqual((await cards(page)).map((card) => card.codes[0]), ["mri-within-24h"]);

  // An X-ray is written: the card says what to do instead, and replacing it strikes the draft through.
  await page.getByLabel("Kind").selectOption("X-ray");
  await page.getByRole("button", { name: "Add and select" }).click();
  await page.locator('section.answer[data-hook="order-select"] article').waitFor();
  const [xray] = await cards(page, "order-select");
  assert.deepEqual(xray.codes, ["imaging-cannot-exclude", "mri-within-24h"]);
  await page.getByRole("button", { name: /^Replace by MRI whole spine/ }).click();
  await page.locator('#drafts li[data-state="draft"]').filter({ hasText: "MRI whole spine" }).waitFor();
  await ready(page);
  const after = await drafts(page);
  assert.equal(after[0][0], "removed");
  assert.match(after[0][1], /X-ray lumbar spine/);
  assert.equal(await page.locator("#drafts li s").innerText(), "X-ray lumbar spine");
  assert.match(after[1][1], /MRI whole spine, T1 and T2 asap · by 5 May 2026/);
  assert.equal(after[1][0], "draft");
  assert.equal(sent.length, 1);
  const [taken] = sent[0].feedback;
  assert.match(sent[0].url, /spinal-metastases-order-select\/feedback$/);
  assert.equal(taken.outcome, "accepted");
  assert.match(taken.card, /^[0-9a-f-]{36}$/);
  assert.match(taken.acceptedSuggestions[0].id, /^[0-9a-f-]{36}$/);
  assert.equal(taken.outcomeTimestamp, "2026-05-04T10:00:00Z");
  assert.match(await page.locator(".log").innerText(), /Taken over: Replace by MRI whole spine.*It is a draft: sign it to order it\.$/);

  // Signed, the order is on the record and the chart is silent.
  await page.getByRole("button", { name: "Sign the draft" }).click();
  await page.locator('section.answer[data-hook="patient-view"] .silence').waitFor();
  await ready(page);
  assert.deepEqual(await cards(page), []);
  assert.match(await page.locator("#record").innerText(), /MRI whole spine, active/);

  // Signing what a card warns of takes a second decision.
  await page.goto(`${process.env.BASE_URL}/chart/patients/select-rt-8gy-prognosis-a-year`);
  await ready(page);
  assert.deepEqual((await cards(page, "order-select")).map((card) => card.codes), [["rt-8gy-single-good-prognosis"]]);
  await page.getByRole("button", { name: "Sign the draft" }).click();
  await page.locator('section.answer[data-hook="order-sign"] article').waitFor();
  assert.deepEqual((await cards(page, "order-sign")).map((card) => card.codes), [["rt-8gy-single-good-prognosis"]]);
  await page.getByRole("button", { name: /^Sign .* anyway$/ }).click();
  await page.locator("#basket").waitFor({ state: "hidden" });

  // What selecting and signing say in the same words is said once; over a critical card signing asks for a reason.
  await page.goto(`${process.env.BASE_URL}/chart/patients/select-xray-row-1`);
  await ready(page);
  assert.equal((await cards(page, "order-select")).length, 1);
  await page.getByRole("button", { name: "Sign the draft" }).click();
  await page.locator('section.answer[data-hook="order-sign"] article').waitFor();
  await ready(page);
  assert.equal((await cards(page, "order-sign")).length, 1);
  assert.equal((await cards(page, "order-select")).length, 0);
  await page.getByRole("button", { name: /^Sign .* anyway$/ }).click();
  assert.equal(await page.locator("#basket").isVisible(), true, "not without a reason");
  sent.length = 0;
  await page.getByLabel("Why is it signed anyway?").selectOption({ index: 1 });
  await page.getByRole("button", { name: /^Sign .* anyway$/ }).click();
  await page.locator("#basket").waitFor({ state: "hidden" });
  await ready(page);
  assert.deepEqual(sent.map(({ feedback: [{ outcome, overrideReason }] }) => [outcome, typeof overrideReason.reason.code]), [["overridden", "string"]]);

  // Every kind of order reaches the service.
  await page.goto(`${process.env.BASE_URL}/chart/patients/select-rt-8gy-prognosis-a-year`);
  await ready(page);
  for (const [kind, fill] of [
    ["Radiotherapy", async () => page.getByLabel("Total dose, Gy").fill("40")],
    ["Spine surgery", async () => page.getByLabel("Level", { exact: true }).selectOption("T8")],
    ["Consult", async () => page.getByLabel("Whom to ask").selectOption("Orthopaedics")],
    ["Zoledronic acid", async () => {}],
  ]) {
    await page.getByLabel("Order", { exact: true }).selectOption(kind);
    await fill();
    await page.getByRole("button", { name: "Add and select" }).click();
    await ready(page);
    assert.match(await page.locator("#drafts li").last().getAttribute("data-reference"), /^(ServiceRequest|MedicationRequest)\/new-/);
    assert.equal(await page.locator(".refused").count(), 0, kind);
  }
  const orders = (await drafts(page)).map(([, words]) => words);
  assert.match(orders.join("\n"), /SBRT spine, 40 Gy in 2[^]*Decompression laminectomy T8[^]*Orthopaedics consult[^]*Zoledronic acid/);

  // Dismissed with a coded reason.
  sent.length = 0;
  await page.goto(`${process.env.BASE_URL}${WEAK_LEG}`);
  await ready(page);
  await page.locator(".dismiss summary").click();
  await page.getByLabel("Already arranged").check();
  await page.getByLabel(/In words/).fill("scanner booked");
  await page.getByRole("button", { name: "Dismiss the card" }).click();
  await page.locator(".log").waitFor();
  const [{ feedback: [dismissed], url }] = sent;
  assert.match(url, /spinal-metastases-patient-view\/feedback$/);
  assert.equal(dismissed.outcome, "overridden");
  assert.deepEqual(dismissed.overrideReason, {
    reason: { code: "already-arranged", system: "urn:spinal-mets-cds:override-reason" }, userComment: "scanner booked",
  });
  assert.equal(await page.locator("article.card button.suggestion:not(:disabled)").count(), 0);

  // Dismissed is dismissed: folded to a line, also when the chart is asked again.
  assert.equal(await page.locator("details.dismissed:not([open])").count(), 1);
  assert.equal(await page.locator("article.card").isVisible(), false);
  await page.getByLabel("Kind").selectOption("MRI");
  await page.getByRole("button", { name: "Add and select" }).click();
  await page.locator('section.answer[data-hook="order-select"]').waitFor();
  await ready(page);
  assert.equal(await page.locator('section[data-hook="patient-view"] details.dismissed').count(), 1);

  // Silence says why.
  for (const [patient, why] of [
    ["story-mri-tomorrow", /No card\. MRI of the whole spine is ordered, due 5 May 2026 09:00/],
    ["silent-no-cancer", /No card\. No cancer is on record/],
  ]) {
    await page.goto(`${process.env.BASE_URL}/chart/patients/${patient}`);
    await ready(page);
    assert.match(await page.locator('section[data-hook="patient-view"] .silence').innerText(), why);
  }
});
