// The Questionnaire of the service in LHC-Forms: rendered, filled as a user would, and extracted. Prints the Observations.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { BASE, assert, scenario } from "./browser.mjs";

const { PATIENT, ANSWERS, BROWSER_MODULES } = process.env;
const FORMS = join(dirname(createRequire(`${BROWSER_MODULES}/`).resolve("lforms/package.json")), "dist/lforms");
const SCRIPTS = ["webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js"];
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>LHC-Forms</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/forms/webcomponent/styles.css"><div id="form"></div>`;

/** What to click for an answer of the panel: link ids and words, where a question is several items here. */
const CLICKS = {
  "weakness=left-leg": [["weakness.713514005", "left leg"]],
  "weakness=legs": [["weakness.1845001", "Yes"]],
  "bladder=retention": [["bladder.267064002", "Yes"]],
};

const questionnaire = await (await fetch(`${BASE}/questionnaire`)).json();
assert.equal(questionnaire.resourceType, "Questionnaire");
const items = new Map();
(function collect({ item = [] }) {
  for (const one of item) {
    items.set(one.linkId, one);
    collect(one);
  }
})(questionnaire);

/** The words of an answer: those of its option, by the code that the panel uses or by the place among the options. */
function wordsOf(id, value) {
  const { type, answerOption = [] } = items.get(id);
  if (type === "boolean") return value === "yes" ? "Yes" : "No";
  const named = answerOption.find(({ valueCoding }) => valueCoding.code === value || valueCoding.display === value);
  assert.ok(named, `${id} has no option ${value}`);
  return named.valueCoding.display;
}

await scenario(async (open) => {
  const page = await open(null);
  await page.route("**/forms/**", (route) => {
    const path = new URL(route.request().url()).pathname.slice("/forms/".length);
    return path ? route.fulfill({ path: join(FORMS, path) }) : route.fulfill({ contentType: "text/html", body: PAGE });
  });
  await page.goto(`${BASE}/forms/`);
  for (const script of SCRIPTS) await page.addScriptTag({ url: `/forms/${script}` });
  await page.evaluate(async (form) => {
    /* global LForms */
    await LForms.Util.addFormToPage(LForms.Util.convertFHIRQuestionnaireToLForms(form, "R4"), "form");
  }, questionnaire);
  await page.locator('lhc-item[id^="item-sins-total/"]').waitFor();
  const answers = JSON.parse(ANSWERS);
  for (const [id, value] of Object.entries(answers)) {
    if (id === "level") {
      // The field takes what is typed where it is one of its choices.
      const list = page.locator('input[id^="level/"]');
      await list.pressSequentially(value);
      await list.press("Tab");
      assert.equal(await list.inputValue(), value);
      continue;
    }
    for (const [item, words] of CLICKS[`${id}=${value}`] ?? [[id, wordsOf(id, value)]]) {
      await page.locator(`lhc-item[id^="item-${item}/"]`).getByText(words, { exact: true }).first().click();
    }
  }
  const sins = ["location", "pain", "lesion", "alignment", "collapse", "posterolateral"].map((part) => answers[`sins-${part}`]);
  if (sins.every(Boolean)) {
    const total = page.locator('input[id^="sins-total/"]');
    const sum = sins.reduce((all, points) => all + Number(points), 0);
    await page.waitForFunction(([of, wanted]) => document.querySelector(of).value === wanted, ['input[id^="sins-total/"]', String(sum)]);
    assert.equal(await total.inputValue(), String(sum));
  }
  const extracted = await page.evaluate(
    (id) => LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4", null, { extract: true, subject: { resourceType: "Patient", id } }),
    PATIENT,
  );
  // A response, and what is extracted from it: in the list, in its Bundle, or in the entry of one.
  const flat = [extracted].flat(9).flatMap((one) => one.entry ?? one).map((one) => one.resource ?? one);
  const resources = flat.filter(({ resourceType }) => resourceType === "Observation");
  assert.ok(resources.every(({ code }) => code.coding.length));
  console.log(JSON.stringify(resources));
});
