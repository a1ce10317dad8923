// WCAG 2.2 AA as far as a program can tell, light and dark, wide and at phone width; nothing scrolls sideways.

import { AXE, assert, ready, scenario } from "./browser.mjs";

const PAGES = [
  "/", "/chart/own", "/guideline", "/insights",
  "/chart/patients/row-1-paraparesis", "/chart/patients/story-breast-sins-9-no-prognosis", "/chart/patients/select-xray-row-1",
  "/chart/patients/modality-2-area-amenable", "/chart/patients/clock-overdue-row-2", "/chart/patients/story-mri-tomorrow",
  "/chart/patients/unavailable-imaging",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const checked = async (page, what) => {
  // The policy of the page forbids scripts from elsewhere; the checker comes through the tools of the browser.
  await page.evaluate(AXE());
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).slice(0, 3).join(" | ")}`);
  assert.deepEqual(told, [], what);
  assert.ok(found.passes.length > 15, `${what}: only ${found.passes.length} rules had something to look at`);
};

/** The first card's sentence and its first button stand above the fold. */
const act = async (page, what) => {
  const places = await page.locator("article.card").first().evaluateAll(([card]) =>
    card ? [card.querySelector("h4"), card.querySelector("button.suggestion, button.ask")].filter(Boolean).map((it) => it.getBoundingClientRect().bottom - innerHeight) : []);
  assert.ok(places.every((below) => below <= 0), `${what}: the act is ${JSON.stringify(places)} pixels below the fold`);
};

/** On paper the cards and the time line are one page of A4; the record follows. */
const printed = async (page) => {
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 695, height: 1024 });
  for (const path of PAGES.filter((path) => path.includes("/patients/"))) {
    await page.goto(`${process.env.BASE_URL}${path}`);
    await ready(page);
    const bottom = await page.locator("section.timeline").evaluate((it) => it.getBoundingClientRect().bottom);
    assert.ok(bottom <= 1024, `${path}: ${bottom} pixels of 1024 on paper`);
    const folded = await page.locator("details.evidence li").evaluateAll((all) => all.filter((it) => it.getBoundingClientRect().height === 0 && !it.closest(".source-list")).length);
    assert.equal(folded, 0, `${path}: what is folded on the screen stands on paper`);
  }
  await page.emulateMedia({ media: null });
  await page.setViewportSize({ width: 1440, height: 900 });
};

await scenario(async (open) => {
  for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { viewport: { width: 390, height: 844 } }],
    ["laptop", { viewport: { width: 1440, height: 900 } }],
  ]) {
    const page = await open(null, options);
    // The first pages in every way; the others, which differ in their data only, once.
    for (const path of name === "light" ? PAGES : PAGES.slice(0, 7)) {
      await page.goto(`${process.env.BASE_URL}${path}`);
      const document = path === "/guideline" || path === "/insights";
      if (!document) await ready(page);
      await page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
      if (path !== "/guideline" && path !== "/" || name === "light" || name === "dark") await checked(page, `${path}, ${name}`);
      assert.equal(await page.locator("header.top nav a").count(), 4, `${path}: the way to the other pages`);
      if (path.includes("/patients/") && (name === "phone" || name === "laptop")) await act(page, `${path}, ${name}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${path}, ${name}: ${wide} pixels too wide`);
    }
    if (name === "laptop") await printed(page);
    await page.goto(`${process.env.BASE_URL}/chart/patients/select-xray-row-1`);
    await ready(page);
    await page.getByRole("button", { name: /^Replace by/ }).click();
    await page.locator("#drafts s").waitFor();
    await page.getByLabel("Life expectancy").selectOption("2 months");
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.locator(".difference").waitFor();
    await ready(page);
    await checked(page, `a chart in use, ${name}`);
    await page.close();
  }
});
