// Opens the patients that are named in PATIENTS, one after the other, and prints as one line of JSON what stands on the screen.
// Every patient of the list has an address of its own.

import { assert, cards, ready, scenario, show } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open("/");
  const links = await page.locator(".ward tbody a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const listed = new Map(links.map((link) => [link.split("/").pop(), link]));
  for (const name of process.env.PATIENTS.split(" ")) {
    const link = listed.get(name);
    assert.ok(link, `${name} is not on the list`);
    await show(page, link);
    const shown = {};
    for (const hook of await page.locator("section.answer").evaluateAll((all) => all.map((one) => one.dataset.hook))) {
      shown[hook] = await cards(page, hook);
    }
    const drawn = await page.locator("#spine .drawing > svg, #record table, #path p, #banner dd").count();
    console.log(JSON.stringify({ name: link.split("/").pop(), shown, drawn }));
  }
  await ready(page);
});
