// Your own data: dropped, chosen and pasted; broken files get the notes that `evaluate` gives.

import { readFileSync } from "node:fs";
import { assert, cards, ready, scenario } from "./browser.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

await scenario(async (open) => {
  const page = await open("/chart/own");
  const drop = async (name, text) => {
    const transfer = await page.evaluateHandle(([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    }, [name, text]);
    await page.evaluate(() => (document.body.dataset.state = "waiting"));
    await page.dispatchEvent("#drop", "drop", { dataTransfer: transfer });
    await ready(page);
    return page.locator("#found").innerText();
  };

  assert.match(await drop("cut.json", '{"resourceType": "Bundle", "entry": ['), /Could not be read\s+cut\.json: not JSON: EOF while parsing/);
  assert.match(await drop("other.json", '{"name": "x"}'), /other\.json: neither a FHIR resource nor a hook request/);
  assert.match(await drop("odd.json", '{"resourceType": "Bundle", "entry": 3}'), /odd\.json: `entry` of a Bundle is not a list/);
  assert.match(await drop("empty.json", ""), /empty\.json: not JSON/);
  assert.equal(await page.locator("#chart").isVisible(), false);

  // A broken line stops nothing: the rest is opened.
  const bundle = JSON.parse(read("fhir-fixtures/mri-timing/row-1-paraparesis/bundle.json"));
  const lines = bundle.entry.map((entry) => JSON.stringify(entry.resource));
  assert.match(await drop("chart.ndjson", [...lines, "{broken"].join("\n")), /chart\.ndjson:\d+: not JSON/);
  assert.deepEqual((await cards(page)).map((card) => card.codes[0]), ["mri-within-12h"]);
  assert.match(await page.locator("#record").innerText(), /Paraparesis/);

  // A Bundle, and one with an odd element: the element is named, the rest is used.
  assert.equal((await drop("bundle.json", JSON.stringify(bundle))).trim(), "");
  assert.deepEqual((await cards(page)).map((card) => card.codes[0]), ["mri-within-12h"]);
  bundle.entry[1].resource.recordedDate = "yesterday";
  bundle.entry[1].resource.code.text = '<img src="https://example.org/x" onerror="document.title=1">';
  await drop("odd-date.json", JSON.stringify(bundle));
  assert.match(await page.locator("#notes").innerText(), /malformed element: Condition\.recordedDate/);
  assert.equal(await page.locator("#record img, #cards img").count(), 0);
  assert.match(await page.locator("#record").innerText(), /<img src=/);

  // A hook request is asked as it was written.
  const request = read("hooks/spinal-metastases-order-select/request.json");
  await page.locator("details.paste summary").click();
  await page.getByLabel(/FHIR JSON/).fill(request);
  await page.getByRole("button", { name: "Read the text" }).click();
  await page.locator('section.answer[data-hook="order-select"] article').waitFor();
  await ready(page);
  assert.deepEqual((await cards(page)).map((card) => card.codes[0]), ["imaging-cannot-exclude"]);
  assert.match(await page.locator("#drafts").innerText(), /X-ray lumbar spine/);

  // A request that the service refuses says why.
  const bare = JSON.stringify({ hook: "order-select", hookInstance: "x", context: { userId: "Practitioner/1", patientId: "p", draftOrders: 3, selections: [] } });
  await page.getByLabel(/FHIR JSON/).fill(bare);
  await page.getByRole("button", { name: "Read the text" }).click();
  await page.locator(".refused").waitFor();
  assert.match(await page.locator(".refused").innerText(), /The service refused\. The request cannot be taken/);
}, /\/cds-services\/spinal-metastases-order-select$/);
