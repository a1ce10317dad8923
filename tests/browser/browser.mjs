// What every scenario shares: a page in headless Chromium that notes console errors and requests to other hosts.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";

// The libraries lie below `target/`, not beside this file.
const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const { chromium } = require("playwright-core");

/** A library of the tests that is a module. */
export const fromTools = (name) => import(pathToFileURL(require.resolve(name)).href);

export const BASE = process.env.BASE_URL;
export { assert };

const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/**
 * Runs a scenario and fails on a console error or on a request that leaves the service. `refused` matches addresses
 * that the scenario asks for a refusal of; the browser reports each of them as an error of its own. `others`: further
 * origins that a scenario goes to; `flags`: further ones of the browser.
 */
export async function scenario(play, refused = /$^/, others = [], flags = []) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...FLAGS, ...flags] });
  const faults = [];
  /** `beside`: another window of the browser of this page. */
  const open = async (path, { beside, ...options } = {}) => {
    const context = beside?.context() ?? (await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options }));
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => faults.push(`error on ${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      const { url } = message.location();
      if (message.type() === "error" && !refused.test(url)) faults.push(`console of ${page.url()}: ${message.text()} ${url}`);
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== BASE && protocol !== "data:" && !others.includes(origin)) faults.push(`request to ${origin}`);
    });
    if (path) await show(page, path);
    return page;
  };
  try {
    await play(open);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
}

/** Goes to a path and waits until the page has what it asked for. */
export async function show(page, path) {
  await page.goto(`${BASE}${path}`);
  await ready(page);
}

/** Waits until the page is done. */
export async function ready(page) {
  await page.locator('body[data-state="ready"]').waitFor();
}

/** The cards on the screen, of one hook or of all, as a user finds them. */
export async function cards(page, hook = null) {
  const place = hook ? `section.answer[data-hook="${hook}"] article.card` : "article.card";
  return page.locator(place).evaluateAll((all) => all.map((card) => ({
    codes: card.dataset.codes.split(" "),
    indicator: card.dataset.indicator,
    word: card.querySelector(".indicator").innerText.trim(),
    summary: card.querySelector("h4").innerText,
    // Folded or not.
    detail: card.querySelector(".detail").textContent,
    deadline: card.querySelector(".due")?.dataset.deadline ?? null,
    overdue: card.querySelector(".due")?.dataset.overdue !== undefined,
    suggestions: [...card.querySelectorAll("button.suggestion")].map((button) => button.innerText),
  })));
}

/** The source of the accessibility checker, to be run inside a page. */
export const AXE = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
