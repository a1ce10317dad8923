// Opens every patient of the list, one after the other, and prints as one line of JSON what stands on the screen.

import { cards, ready, scenario, show } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open("/");
  const links = await page.locator("ul.patients a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  for (const link of new Set(links)) {
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
