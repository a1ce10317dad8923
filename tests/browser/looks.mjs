// Ten screens as they should look: each is held against the picture of it in `looks/`.
//
// A reader of a difference sees in a pull request what a change does to the page. `UPDATE_LOOKS=1` takes the pictures anew;
// what differs is left below `target/tmp/looks/` with the places marked. Fonts and their smoothing are set, so that a browser
// of another month draws the same; a few pixels may differ, a moved line or another colour may not.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, fromTools, ready, scenario, show } from "./browser.mjs";

const { default: pixelmatch } = await fromTools("pixelmatch");
const { PNG } = await fromTools("pngjs");

const { LOOKS, DIFFERENCES, UPDATE_LOOKS } = process.env;
const FLAGS = ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb", "--hide-scrollbars"];
const FONTS = ':root { --text: "DejaVu Sans"; --code: "DejaVu Sans Mono"; }';
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** How the pictures are kept: without transparency, and packed well. */
const SMALL = { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 };
/** The share of pixels that may differ, and from which difference of its colour on a pixel does. */
const MOST = 0.002;
const THRESHOLD = 0.2;

const chart = (name) => `/chart/patients/${name}`;
const press = (name) => async (page) => {
  await page.getByRole("button", { name }).first().click();
  await page.locator('dialog.panel[data-state="ready"]').waitFor();
};
const unfold = async (page) => page.locator("article.card details.evidence > summary").first().click();
/** A few patients, so that a new case changes nothing here. */
const few = async (page) => page.locator("#search").fill("right breast SINS");
const fewRows = async (page) => {
  await few(page);
  await page.locator("#ward").evaluate((heading) => heading.scrollIntoView());
};
const spine = async (page) => page.locator("#spine").scrollIntoViewIfNeeded();

/** The card that the README shows. */
const CARD = join(LOOKS, "../../../docs/card.png");

/** Name, path, window, what is done before the picture is taken, and the one thing that it shows and where it is kept. */
const SCREENS = [
  ["list", "/", WIDE, few],
  ["list-phone", "/", PHONE, fewRows],
  ["emergency", chart("row-1-paraparesis"), WIDE],
  ["emergency-phone", chart("row-1-paraparesis"), PHONE],
  ["emergency-dark", chart("row-1-paraparesis"), { ...WIDE, dark: true }],
  ["score-and-long-bone", chart("mirels-beside-sins-8"), WIDE, spine],
  ["grade-on-the-cord", chart("story-compression-at-t8-fracture-at-l1"), WIDE, spine],
  ["treatment-unfolded", chart("story-breast-sins-9-no-prognosis"), WIDE, unfold],
  ["order", chart("select-xray-row-1"), WIDE],
  ["silence", chart("story-mri-tomorrow"), WIDE],
  ["panel", chart("stability-not-recorded"), WIDE, press("Answer: SINS")],
  ["panel-phone", chart("stability-not-recorded"), PHONE, press("Answer: SINS")],
  ["card", chart("row-1-paraparesis"), WIDE, unfold, { only: "article.card", file: CARD }],
];

/** How much a picture differs from the one that is kept; leaves both, and the difference, where something does. */
function differs(name, taken, file = join(LOOKS, `${name}.png`)) {
  if (UPDATE_LOOKS) {
    writeFileSync(file, PNG.sync.write(PNG.sync.read(taken), SMALL));
    return null;
  }
  const [is, was] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(file))];
  if (is.width !== was.width || is.height !== was.height) return `${name}: ${is.width} × ${is.height}, was ${was.width} × ${was.height}`;
  const marked = new PNG({ width: is.width, height: is.height });
  const pixels = pixelmatch(was.data, is.data, marked.data, is.width, is.height, { threshold: THRESHOLD });
  if (pixels <= MOST * is.width * is.height) return null;
  mkdirSync(DIFFERENCES, { recursive: true });
  writeFileSync(join(DIFFERENCES, `${name}.png`), taken);
  writeFileSync(join(DIFFERENCES, `${name}.difference.png`), PNG.sync.write(marked));
  return `${name}: ${pixels} pixels differ; see ${DIFFERENCES}`;
}

await scenario(async (open) => {
  const found = [];
  for (const [name, path, { dark, ...viewport }, act, { only, file } = {}] of SCREENS) {
    const page = await open(null, { viewport, colorScheme: dark ? "dark" : "light", bypassCSP: true });
    await show(page, path);
    await page.addStyleTag({ content: FONTS });
    await act?.(page);
    await ready(page);
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.fonts.ready);
    const shown = only ? page.locator(only).first() : page;
    found.push(differs(name, await shown.screenshot({ caret: "hide", animations: "disabled" }), file));
    await page.context().close();
  }
  assert.deepEqual(found.filter(Boolean), []);
}, undefined, [], FLAGS);
