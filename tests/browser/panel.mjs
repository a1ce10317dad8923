// The panel: a card asks, a few clicks answer it, Save puts it on the record, and the card has changed.

import { AXE, assert, cards, ready, scenario, show } from "./browser.mjs";

const leads = async (page) => (await cards(page)).map((card) => card.codes[0]);
const panel = (page) => page.locator("dialog.panel");
/** Waits until the panel has shown what the answers so far lead to. */
const settled = (page) => page.locator('dialog.panel[data-state="ready"]').waitFor();
/** A radio button of the panel by its question and answer, as a reader finds them. */
const choice = (page, question, answer) => panel(page).getByRole("group", { name: question, exact: true }).getByRole("radio", { name: answer });

/** Clicks what a clinician would, and counts. */
function clicker(page) {
  let clicks = 0;
  return {
    get clicks() { return clicks; },
    async click(target) {
      clicks += 1;
      await target.click();
    },
  };
}

await scenario(async (open) => {
  const page = await open("/chart/patients/stability-not-recorded");

  // A SINS in at most eight clicks. The level comes from the record, the location from the level.
  assert.deepEqual(await leads(page), ["sins-not-recorded"]);
  const sins = clicker(page);
  await sins.click(page.getByRole("button", { name: "Answer: SINS" }));
  await settled(page);
  assert.equal(await panel(page).locator("fieldset").count(), 7, "only the questions of the SINS");
  assert.ok(await choice(page, "Level", "T8").isChecked());
  assert.ok(await choice(page, "Location", /semi-rigid/).isChecked());
  assert.match(await panel(page).locator(".standing").innerText(), /SINS 1–16 of 18/);
  assert.ok(await panel(page).getByRole("button", { name: "Save to the chart" }).isDisabled());
  for (const [question, answer] of [["Pain", /^mechanical/], ["Lesion", /^lytic/], ["Alignment", /^normal/], ["Collapse", /^< 50/], ["Posterolateral", /^one side/]]) {
    await sins.click(choice(page, question, answer));
  }
  await settled(page);
  assert.match(await panel(page).locator(".standing").innerText(), /SINS 9 of 18 · potentially unstable/);
  assert.match(await panel(page).locator(".after").innerText(), /SINS 9 at T8/);
  assert.deepEqual(await leads(page), ["sins-not-recorded"], "nothing is on the chart before Save");
  await sins.click(panel(page).getByRole("button", { name: "Save to the chart" }));
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.ok(sins.clicks <= 8, `${sins.clicks} clicks`);
  assert.ok((await leads(page)).includes("sins-mdt-consult"), JSON.stringify(await leads(page)));
  assert.match(await page.locator("#record").innerText(), /total 9[^]*at T8/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "difference-title");
  await page.getByRole("button", { name: "Take it back" }).click();
  await ready(page);
  assert.deepEqual(await leads(page), ["sins-not-recorded"]);

  // A level is chosen on the spine, and the location follows it.
  await page.getByRole("button", { name: "Answer: SINS" }).click();
  await choice(page, "Level", "L1").click();
  await settled(page);
  assert.ok(await choice(page, "Location", /junctional/).isChecked());
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.className), "ask", "the focus comes back");

  // An emergency in at most six.
  await show(page, "/chart/patients/question-gait-alone");
  assert.deepEqual(await leads(page), ["mescc-question"]);
  const emergency = clicker(page);
  await emergency.click(page.getByRole("button", { name: "Answer: Sign of cord compression" }));
  await emergency.click(choice(page, "Cord compression suspected", "yes"));
  await settled(page);
  assert.match(await panel(page).locator(".after").innerText(), /MRI of the whole spine by today[^]*new[^]*answered/);
  await emergency.click(panel(page).getByRole("button", { name: "Save to the chart" }));
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.ok(emergency.clicks <= 6, `${emergency.clicks} clicks`);
  assert.deepEqual(await leads(page), ["mri-within-12h"]);

  // A whole presentation in six, with an onset of its own.
  await show(page, "/chart/patients/row-6-provisional-metastasis");
  assert.deepEqual(await leads(page), ["mri-ask-presentation"]);
  const presentation = clicker(page);
  await presentation.click(page.getByRole("button", { name: /^Answer: Presentation/ }));
  await presentation.click(choice(page, "Radicular pain", "left"));
  await presentation.click(choice(page, "Weakness", "left leg"));
  await presentation.click(choice(page, "Since", "2–3 days"));
  await presentation.click(choice(page, "Course", "getting worse"));
  await settled(page);
  await presentation.click(panel(page).getByRole("button", { name: "Save to the chart" }));
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.ok(presentation.clicks <= 6, `${presentation.clicks} clicks`);
  assert.deepEqual(await leads(page), ["mri-within-24h"]);
  const [urgent] = await cards(page);
  assert.ok(!urgent.overdue, "the clock starts when it is told, not when it began");

  // The onset of what is on record without one: the Condition has it afterwards, and another row holds.
  await show(page, "/chart/patients/onset-unknown");
  assert.deepEqual(await leads(page), ["mri-within-24h"]);
  await page.getByRole("button", { name: /^Answer: Onset of the deficit/ }).click();
  await choice(page, "Since", "more than 7 days").click();
  await settled(page);
  await panel(page).getByRole("button", { name: "Save to the chart" }).click();
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.deepEqual(await leads(page), ["mri-within-48h"]);

  // What the record knows is dashed; one click confirms it, and only what was confirmed is written.
  await show(page, "/chart/patients/story-breast-sins-9-no-prognosis");
  await page.getByRole("button", { name: "Record findings" }).click();
  await settled(page);
  assert.ok(await choice(page, "ECOG", /^1/).isChecked());
  assert.match(await choice(page, "ECOG", /^1/).evaluate((input) => input.labels[0].innerText), /1 · \d+ \w+/);
  await choice(page, "ECOG", /^1/).click();
  await choice(page, "Life expectancy", "3 months or more").click();
  await settled(page);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => (globalThis.copied = text) } }));
  await panel(page).getByRole("button", { name: "Copy as note text" }).click();
  assert.match(await page.evaluate(() => globalThis.copied), /^ECOG: 1\.\nLife expectancy: 3 months or more\.\nRecorded 4 May 2026 10:00 UTC\.$/);
  // A second click clears it again.
  await choice(page, "Life expectancy", "3 months or more").click();
  await settled(page);
  assert.ok(!(await choice(page, "Life expectancy", "3 months or more").isChecked()));
  await page.keyboard.press("Escape");

  // The keyboard alone.
  await page.locator(".ask").focus();
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.name), "life-expectancy");
  await page.keyboard.press("ArrowRight");
  await settled(page);
  assert.ok(await choice(page, "Life expectancy", "3 months or more").isChecked());
  await page.keyboard.press("Delete");
  await settled(page);
  assert.equal(await panel(page).locator("input:checked").count(), 0);
  await page.keyboard.press("Space");
  await settled(page);
  for (let step = 0; step < 4 && await page.evaluate(() => document.activeElement.id) !== "panel-save"; step += 1) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "panel-save");
  await page.keyboard.press("Enter");
  await page.locator("#difference-title").waitFor();
  await ready(page);
  assert.match(await page.locator(".difference").innerText(), /Saved Life expectancy/);

  // An answer that a card offers as a button is on record at once: it is no draft to sign.
  await show(page, "/chart/patients/question-gait-alone");
  await page.getByRole("button", { name: "Cord compression suspected", exact: true }).click();
  await page.locator('article.card[data-codes^="mri-within-12h"]').waitFor();
  await ready(page);
  assert.equal(await page.locator("#drafts li").count(), 0);

  // On a phone and in both modes nothing is cut off, and a program finds no barrier.
  for (const options of [{ viewport: { width: 390, height: 844 } }, { colorScheme: "dark" }, { viewport: { width: 1440, height: 900 } }]) {
    const other = await open("/chart/patients/story-breast-sins-9-no-prognosis", options);
    await other.getByRole("button", { name: "Record findings" }).click();
    await choice(other, "Pain", /^mechanical/).first().click();
    await settled(other);
    const wide = await other.evaluate(() => {
      const dialog = document.querySelector("dialog.panel");
      const inner = [...dialog.querySelectorAll(".sides, .asked, footer, header")].map((it) => it.scrollWidth - it.clientWidth);
      return Math.max(document.documentElement.scrollWidth - innerWidth, ...inner);
    });
    assert.ok(wide <= 0, `${JSON.stringify(options)}: ${wide} pixels too wide`);
    assert.ok(await panel(other).getByRole("button", { name: "Save to the chart" }).evaluate((button) => button.getBoundingClientRect().bottom <= innerHeight));
    await other.evaluate(AXE());
    const found = await other.evaluate(() => globalThis.axe.run(document.querySelector("dialog.panel"), { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).slice(0, 3).join(" | ")}`), [], JSON.stringify(options));
    await other.close();
  }
});
