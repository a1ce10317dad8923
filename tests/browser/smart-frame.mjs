// The panel inside a frame of the EHR, which is another site, in a browser that keeps no cookies for third parties; on a
// phone; and what a program can tell of its accessibility.

import { AXE, assert, ready, scenario } from "./browser.mjs";
import { launch, launchAddress, panel, settled, tell } from "./ehr/steps.mjs";

const { PATIENT, APP_CONTEXT, EHR_URL } = process.env;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const checked = async (page, what) => {
  await page.evaluate(AXE());
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), TAGS);
  assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).slice(0, 3).join(" | ")}`), [], what);
  assert.ok(found.passes.length > 10, `${what}: only ${found.passes.length} rules had something to look at`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${what}: scrolls sideways`);
};

await scenario(async (open) => {
  const page = await open(null);
  const src = await launchAddress({ patient: PATIENT, appContext: APP_CONTEXT });
  await page.goto(`${EHR_URL}/frame?${new URLSearchParams({ src })}`);
  const framed = page.frameLocator("iframe");
  await framed.locator('dialog.panel[data-state="ready"]').waitFor();
  await framed.getByRole("group", { name: "Pain", exact: true }).getByRole("radio", { name: /^mechanical/ }).click();
  await framed.locator('dialog.panel[data-state="ready"]').waitFor();
  await framed.getByRole("button", { name: "Save to the EHR" }).click();
  await framed.locator("#difference-title").waitFor();
  // What is linked to opens beside the EHR: the frame and its answers stay.
  const [beside] = await Promise.all([page.waitForEvent("popup"), framed.locator(".source a").first().click()]);
  await beside.waitForURL(/\/guideline#/);
  await beside.close();
  assert.equal(await framed.locator("#difference-title").count(), 1);

  for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { viewport: { width: 390, height: 844 } }]]) {
    const one = await open(null, options);
    await launch(one, { patient: PATIENT, appContext: APP_CONTEXT });
    await settled(one);
    await checked(one, `panel, ${name}`);
    assert.match(await panel(one).getByRole("heading", { level: 2 }).innerText(), /^\S+ \S+: what the card asks$/, "whose chart it is");
    await one.keyboard.press("Escape");
    await ready(one);
    await checked(one, `page, ${name}`);
  }

  // Where nothing may be written the answers are text to copy.
  const reader = await open(null);
  await tell("settings", { grant: "^(launch|openid|fhirUser|.*\\.rs)$" });
  await launch(reader, { patient: PATIENT, appContext: APP_CONTEXT });
  await settled(reader);
  assert.equal(await panel(reader).getByRole("button", { name: /Save/ }).count(), 0);
  await panel(reader).getByRole("group", { name: "Pain", exact: true }).getByRole("radio", { name: /^mechanical/ }).click();
  await settled(reader);
  await reader.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => (globalThis.copied = text) } }));
  await panel(reader).getByRole("button", { name: "Copy as note text" }).click();
  assert.match(await reader.evaluate(() => globalThis.copied), /^SINS at T8: 2 of 6 parts/);

  // A sign-in that went wrong is a page in words.
  const wrong = await open(null);
  await wrong.goto(`${process.env.BASE_URL}/smart/callback/general-hospital?error=access_denied&state=x.y`);
  await checked(wrong, "a page of trouble");
  assert.match(await wrong.locator("main").innerText(), /Open the panel again from the patient's chart/);
}, /\/smart\/callback/, [EHR_URL], ["--test-third-party-cookie-phaseout"]);
