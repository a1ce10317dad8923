// "What if": a changed fact moves the cards, the difference is named, and the record comes back.

import { assert, cards, ready, scenario } from "./browser.mjs";

const leads = async (page) => (await cards(page)).map((card) => card.codes[0]);

await scenario(async (open) => {
  const page = await open("/chart/patients/select-xray-row-1");
  const suppose = async (label, choice) => {
    await page.locator("#what-if").getByLabel(label, { exact: true }).selectOption(choice);
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.locator(".difference").waitFor();
    await ready(page);
    return page.locator(".difference").innerText();
  };
  assert.deepEqual(await leads(page), ["imaging-cannot-exclude", "mri-within-12h"]);
  const imaged = await suppose("MRI of the spine", "whole spine, just now");
  assert.match(imaged, /What if MRI of the spine: whole spine, just now/);
  assert.match(imaged, /Gone: MRI of the whole spine by today 20:30 instead of X-ray/);
  assert.match(imaged, /Before: MRI of the whole spine by today 20:30.* \(critical\)/);
  assert.equal(await page.locator("body").getAttribute("data-supposed"), "true");
  await page.getByRole("button", { name: "Back to the record" }).click();
  await ready(page);
  assert.deepEqual(await leads(page), ["imaging-cannot-exclude", "mri-within-12h"]);
  assert.equal(await page.locator(".difference").count(), 0);

  // The boundary of the guideline: 7 days are row 2, 8 days are row 3.
  await page.goto(`${process.env.BASE_URL}/chart/patients/onset-exactly-168-hours`);
  await ready(page);
  assert.deepEqual(await leads(page), ["mri-within-24h"]);
  const older = await suppose("The deficit began", "8 days ago");
  assert.match(older, /Now: .* \(warning\)\s+Before: .* \(critical\)\s+Due by .* UTC/);
  assert.doesNotMatch(older, /mri-within|mri-timing/, "codes are for testers");
  assert.deepEqual(await leads(page), ["mri-within-48h"]);
  const recent = await suppose("The deficit began", "2 days ago");
  assert.match(recent, /Nothing changes|Offered now:|Due by/);
  assert.deepEqual(await leads(page), ["mri-within-24h"]);

  // Each change by itself is taken by the services.
  await page.goto(`${process.env.BASE_URL}/chart/patients/story-breast-sins-9-no-prognosis`);
  await ready(page);
  const labels = await page.locator("#what-if label").allInnerTexts();
  assert.ok(labels.length >= 8);
  for (const label of labels) {
    const choices = await page.locator("#what-if").getByLabel(label, { exact: true }).locator("option").allInnerTexts();
    for (const choice of choices.slice(1)) {
      await page.locator("#what-if form").evaluate((form) => form.reset());
      await suppose(label, choice);
      assert.equal(await page.locator(".refused").count(), 0, `${label}: ${choice}`);
    }
  }
  await page.locator("#what-if form").evaluate((form) => form.reset());
  assert.match(await suppose("SINS", "13"), /SINS 13 at T8/);
});
