// Drives the real CDS Hooks sandbox as a user would, with this service in it, and writes down every request that the service
// gets from it. Between the browser and the service stands a plain forwarder that notes what passes.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.BROWSER_MODULES}/`);
const { chromium } = require("playwright-core");
const { EHR, SERVICE, CHROMIUM, RECORD } = process.env;
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** What passed since the last story began. */
let passed = [];
const open = new Set();

/** Headers that mean something to the service; the token is as good as any in the sandbox. */
const kept = (headers) => Object.fromEntries(
  Object.entries(headers)
    .filter(([name]) => /^(origin|accept|content-type|authorization|access-control-.*)$/.test(name))
    .map(([name, value]) => [name, name === "authorization" ? "Bearer token-of-the-sandbox" : value]),
);

const forwarder = createServer(async (incoming, outgoing) => {
  const chunks = [];
  open.add(incoming);
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const { method, url, headers } = incoming;
  const { host, ...others } = headers;
  const forwarded = send(`${SERVICE}${url}`, { method, headers: others }, (response) => {
    const answer = [];
    response.on("data", (chunk) => answer.push(chunk));
    response.on("end", () => {
      const whole = Buffer.concat(answer);
      passed.push({
        request: { method, path: url, headers: kept(headers), body: body.length ? JSON.parse(body) : undefined },
        response: { status: response.statusCode, cards: method === "POST" && whole.length ? JSON.parse(whole).cards : undefined },
      });
      outgoing.writeHead(response.statusCode, response.headers);
      outgoing.end(whole);
      open.delete(incoming);
    });
  });
  forwarded.end(body);
});
await new Promise((listening) => forwarder.listen(0, "127.0.0.1", listening));
const discovery = `http://127.0.0.1:${forwarder.address().port}/cds-services`;

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** A fresh browser on a patient and a screen. */
async function opened(patient, hook, screen) {
  const page = await (await browser.newContext({ viewport: { width: 1400, height: 1200 } })).newPage();
  page.setDefaultTimeout(60_000);
  const address = new URL(EHR);
  for (const [name, value] of Object.entries({ fhirServiceUrl: `${EHR}/fhir`, patientId: patient, serviceDiscoveryURL: discovery, hook, screen })) {
    address.searchParams.set(name, value);
  }
  await page.goto(address.href);
  return page;
}

const calls = () => passed.filter(({ request }) => request.method === "POST" && !request.path.endsWith("/feedback"));

/** Waits until something is so; `what` is said when it never is. */
async function until(what, holds) {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await holds()) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  assert.fail(`${what} did not happen; ${JSON.stringify(passed.map(({ request, response }) => [request.method, request.path, response.status]))}`);
}

/** The cards of the last call, all of which the screen shows. */
async function shown(page, hook) {
  await until(`a call of ${hook}`, () => calls().some(({ request }) => request.path.endsWith(hook)));
  const { response } = calls().filter(({ request }) => request.path.endsWith(hook)).at(-1);
  assert.equal(response.status, 200);
  for (const { summary } of response.cards) await page.getByText(summary.trim()).first().waitFor();
  return response.cards;
}

/** Plays a story; its requests become a file of that name. */
async function story(name, play) {
  passed = [];
  await play();
  await until("the last answer", () => open.size === 0);
  for (const { request, response } of passed) {
    assert.ok([200, 204].includes(response.status), `${request.method} ${request.path}: ${response.status}`);
  }
  const written = passed.map(({ request, response: { status, cards } }) => ({ request, response: { status, cards: cards?.map(inShort) } }));
  if (RECORD) writeFileSync(`${RECORD}/${name}.json`, `${JSON.stringify(written, null, 1)}\n`);
  console.log(`${name}: ${passed.length} requests`);
}

const codes = (cards) => cards.flatMap((card) => card.extension["org.spinal-mets-cds.rationale"].recommendations.map(({ code }) => code));

/** What is kept of a card: its words may change. */
const inShort = (card) => ({
  uuid: card.uuid, indicator: card.indicator, codes: codes([card]), suggestions: card.suggestions?.map(({ uuid }) => ({ uuid })),
});

/** Picks from one of the search fields of the imaging screen. */
async function pick(page, field, text, option) {
  const input = page.locator("input[id^=react-select]").nth(field);
  await input.fill(text);
  await page.locator("[id^=react-select][id*=-option]").filter({ hasText: option }).first().click();
}

try {
  await story("patient-view-accepted", async () => {
    const page = await opened("story-lung-weak-leg-no-pain", "patient-view", "patient-view");
    const [card] = await shown(page, "patient-view");
    assert.deepEqual(codes([card]), ["mri-within-24h"]);
    await page.getByRole("button", { name: card.suggestions[0].label }).click();
    await until("feedback", () => passed.some(({ request }) => request.method === "POST" && request.path.endsWith("/feedback")));
    await page.context().close();
  });

  await story("patient-view-dismissed", async () => {
    const page = await opened("story-lung-weak-leg-no-pain", "patient-view", "patient-view");
    await shown(page, "patient-view");
    await page.getByRole("button", { name: "select dismiss reason" }).first().click();
    await page.getByRole("menuitem", { name: /Already arranged/ }).click();
    await until("feedback", () => passed.some(({ request }) => request.method === "POST" && request.path.endsWith("/feedback")));
    await page.context().close();
  });

  await story("patient-view-silent", async () => {
    const page = await opened("story-whole-spine-negative-yesterday", "patient-view", "patient-view");
    assert.deepEqual(await shown(page, "patient-view"), []);
    await page.getByText("No recommendations to display").waitFor();
    await page.context().close();
  });

  await story("pama-imaging", async () => {
    const page = await opened("story-prostate-new-night-pain", "order-select", "pama");
    await page.getByText("PAMA Imaging").last().waitFor();
    await pick(page, 0, "72128", "Computed tomography, thoracic spine; without contrast material");
    await pick(page, 1, "94602001", "Secondary malignant neoplasm of vertebral column");
    await until("a call with the reason", () => calls().some(({ request, response }) => response.cards?.length
      && request.body.context.draftOrders?.entry[0].resource.reasonCode.length));
    const cards = await shown(page, "order-select");
    assert.deepEqual(codes(cards).slice(0, 1), ["imaging-cannot-exclude"]);
    await page.context().close();
  });

  for (const [name, hook, screen] of [["rx-select", "order-select", "rx-view"], ["rx-sign", "order-sign", "rx-sign"]]) {
    await story(name, async () => {
      const page = await opened("story-prostate-new-night-pain", hook, screen);
      await page.locator("input[name=medication-input]").fill("isoniazid 300");
      await page.getByRole("button", { name: /isoniazid/i }).first().click();
      if (hook === "order-sign") await page.getByRole("button", { name: /sign/i }).last().click();
      // Nothing in our guideline is about this drug.
      const withDraft = ({ request }) => request.path.endsWith(hook) && request.body.context.draftOrders?.entry[0]?.resource;
      await until("a call with the drug", () => calls().some(withDraft));
      assert.deepEqual(await shown(page, hook), []);
      await page.context().close();
    });
  }
} finally {
  await browser.close();
  forwarder.close();
}
