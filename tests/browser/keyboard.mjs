// The keyboard alone: from the list to a chart, a suggestion taken, a card dismissed; the focus is always seen.

import { assert, cards, ready, scenario } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open("/");
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    const target = at.classList.contains("unseen") ? at.labels[0] : at;
    const style = getComputedStyle(target);
    const box = target.getBoundingClientRect();
    return {
      words: (at.labels?.[0]?.innerText || at.getAttribute("aria-label") || at.innerText || "").trim(),
      seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      inside: box.bottom > 0 && box.top < innerHeight,
      tag: at.tagName,
    };
  });
  /** Tabs until something with these words has the focus; every stop on the way must be seen. */
  const walk = async (words, most = 60) => {
    for (let step = 0; step < most; step += 1) {
      await press("Tab");
      const at = await focused();
      if (at.tag !== "BODY") assert.ok(at.seen && at.inside, `the focus is not seen on ${JSON.stringify(at)}`);
      if (words.test(at.words)) return at;
    }
    throw new Error(`${words} cannot be reached`);
  };

  await walk(/^Skip to the content/, 1);
  await press("Enter");
  await walk(/^Search names/);
  // The stories first; every test patient behind one button, which the address remembers.
  const listed = () => page.locator(".ward tbody tr:not([hidden])").count();
  const stories = await listed();
  await walk(/^All \d+ test patients/, 3);
  await press("Enter");
  assert.ok((await listed()) > 400 && page.url().endsWith("/?all"), `${await listed()} of ${stories} at ${page.url()}`);
  await page.reload();
  await ready(page);
  assert.ok((await listed()) > 400, "the address remembers that all are shown");
  await walk(/^Only the stories/, 16);
  await press("Enter");
  assert.equal(await listed(), stories);
  for (let step = 0; step < 3; step += 1) await press("Shift+Tab");
  assert.match((await focused()).words, /^Search names/);
  await page.keyboard.type("left leg has been weak nothing hurts");
  await page.locator("#found").filter({ hasText: "1 patient" }).waitFor();
  const name = await page.locator(".ward tbody tr:not([hidden]) a").innerText();
  await walk(new RegExp(`^${name}`), 20);
  await press("Enter");
  await page.locator("article.card").waitFor();
  await ready(page);

  await walk(/^Order MRI whole spine/);
  await press("Enter");
  await page.locator("#drafts li").filter({ hasText: "MRI whole spine" }).waitFor();
  await ready(page);
  assert.match(await page.locator("#drafts").innerText(), /MRI whole spine/);
  assert.equal((await focused()).words, "What the guideline says");

  await page.goto(`${process.env.BASE_URL}/chart/patients/row-1-paraparesis`);
  await ready(page);
  await walk(/^Dismiss/);
  await press("Enter");
  await walk(/Whole spine already imaged/);
  await press("ArrowDown");
  await walk(/^In words/);
  await walk(/^Dismiss the card/);
  await press("Space");
  await page.locator(".log").filter({ hasText: "Dismissed: Already arranged" }).waitFor();
  await ready(page);

  await walk(/^Order$/, 30);
  await walk(/^Add and select/, 12);
  await walk(/^The deficit began/, 12);
  await page.keyboard.press("ArrowDown");
  await walk(/^Ask again/, 12);
  await press("Enter");
  await page.locator(".difference").waitFor();
  await ready(page);
  await walk(/^Back to the record/, 3);
  await press("Enter");
  await page.locator(".difference").waitFor({ state: "detached" });
  assert.ok((await cards(page)).length > 0);

  await page.goto(`${process.env.BASE_URL}/chart/own`);
  await ready(page);
  await walk(/Choose a file/);
  await walk(/^Paste text/);
  await press("Enter");
  await walk(/^FHIR JSON/);
  await page.keyboard.type("{");
  await walk(/^Read the text/);
  await press("Enter");
  await page.locator(".unread").waitFor();
});
