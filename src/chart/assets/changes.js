// Changes of single facts of a record, for "what if". Each takes a copy of the record and what the service read in it.

import { instant, now } from "./page.js";
import { referenceOf } from "./record.js";

const FINDING = "urn:spinal-mets-cds:finding";
const ago = (days) => instant(new Date(now().getTime() - days * 86_400_000));
const namesOf = (facts, ...names) => facts.filter((fact) => names.includes(fact.fact) && fact.reference).map((fact) => fact.reference);

/** A finding of this service's own code system, observed now. */
function observe(record, code, text, members) {
  record.resources.push({
    resourceType: "Observation", id: record.newId(), status: "final",
    code: { coding: [{ system: FINDING, code }], text },
    subject: { reference: `Patient/${record.patient}` },
    effectiveDateTime: instant(now()), ...members,
  });
}

/** Deficits begin `days` days ago; without one on record, a radicular deficit of the left side does. */
function deficit(record, facts, days) {
  const references = namesOf(facts, "deficit").filter((reference) => record.find(reference));
  if (days === "none") return record.remove(references);
  const onset = ago(Number(days));
  if (!references.length) {
    return observe(record, "radicular-deficit", "Radicular deficit", {
      valueBoolean: true, effectiveDateTime: onset, issued: instant(now()), bodySite: { text: "left" },
    });
  }
  record.resources = record.resources.map((resource) => {
    if (!references.includes(referenceOf(resource))) return resource;
    const { onsetPeriod, onsetAge, onsetRange, onsetString, effectivePeriod, effectiveInstant, ...rest } = resource;
    return resource.resourceType === "Condition" ? { ...rest, onsetDateTime: onset } : { ...rest, effectiveDateTime: onset, issued: instant(now()) };
  });
}

function course(record, facts, word) {
  record.remove(namesOf(facts, "deficit_progression"));
  const about = namesOf(facts, "deficit");
  record.resources = record.resources.map((resource) =>
    about.includes(referenceOf(resource)) && Array.isArray(resource.extension)
      ? { ...resource, extension: resource.extension.filter((one) => !/disease-?course/i.test(one.url ?? "")) }
      : resource,
  );
  if (word !== "none") {
    observe(record, "deficit-progression", "Course of the deficit", { valueCodeableConcept: { coding: [{ system: FINDING, code: word }], text: word } });
  }
}

function escc(record, facts, grade) {
  record.remove(namesOf(facts, "escc"));
  if (grade !== "none") observe(record, "escc-grade", "ESCC grade", { valueString: grade });
}

function sins(record, facts, total) {
  const references = namesOf(facts, "sins");
  const bodySite = references.map((reference) => record.find(reference)?.bodySite).find(Boolean);
  record.remove(references);
  if (total !== "none") observe(record, "sins-total", "SINS", { valueInteger: Number(total), ...(bodySite ? { bodySite } : {}) });
}

function life(record, facts, months) {
  record.remove(namesOf(facts, "life_expectancy"));
  if (months !== "none") {
    observe(record, "life-expectancy", "Life expectancy", { valueQuantity: { value: Number(months), unit: "mo", system: "http://unitsofmeasure.org", code: "mo" } });
  }
}

function mri(record, facts, what) {
  record.remove(namesOf(facts, "spine_mri"));
  if (what === "none") return;
  record.resources.push({
    resourceType: "ImagingStudy", id: record.newId(), status: "available",
    subject: { reference: `Patient/${record.patient}` }, started: instant(now()),
    modality: [{ system: "http://dicom.nema.org/resources/ontology/DCM", code: "MR" }],
    procedureCode: [what === "whole"
      ? { coding: [{ system: "http://loinc.org", code: "30854-4" }], text: "MRI whole spine" }
      : { coding: [{ system: "http://loinc.org", code: "24968-0" }], text: "MRI lumbar spine" }],
  });
}

function radiotherapy(record, facts, what) {
  record.remove(namesOf(facts, "prior_radiotherapy"));
  if (what !== "spine") return;
  record.resources.push({
    resourceType: "Procedure", id: record.newId(), status: "completed",
    code: { coding: [{ system: "http://snomed.info/sct", code: "1217123003" }], text: "Radiotherapy of the spine" },
    subject: { reference: `Patient/${record.patient}` }, bodySite: [{ text: "spine" }],
    performedPeriod: { start: ago(740).slice(0, 10), end: ago(730).slice(0, 10) },
  });
}

const flag = (code, text) => (record, facts, word) => {
  record.resources = record.resources.filter((resource) => !resource.code?.coding?.some((one) => one.system === FINDING && one.code === code));
  if (word !== "none") observe(record, code, text, { valueBoolean: word === "yes" });
};

/** What can be changed: `[name, label, choices, change]`. The first choice of each leaves the record as it is. */
const KEEP = ["", "as recorded"];
export const CHANGES = [
  ["deficit", "The deficit began", [KEEP, ["1", "1 day ago"], ["2", "2 days ago"], ["7", "7 days ago"], ["8", "8 days ago"], ["30", "30 days ago"], ["none", "there is none"]], deficit],
  ["course", "The deficit is", [KEEP, ["progressive", "progressing"], ["stable", "stable"], ["improving", "improving"], ["none", "of unknown course"]], course],
  ["compression", "Cord compression", [KEEP, ["yes", "suspected by the clinician"], ["no", "not suspected"], ["none", "not said"]], flag("mescc-suspected", "MESCC suspected")],
  ["escc", "ESCC grade", [KEEP, "0", "1b", "1c", "2", "3", ["none", "not recorded"]], escc],
  ["mri", "MRI of the spine", [KEEP, ["whole", "whole spine, just now"], ["lumbar", "lumbar only, just now"], ["none", "none"]], mri],
  ["sins", "SINS", [KEEP, ["5", "5"], ["6", "6"], ["7", "7"], ["12", "12"], ["13", "13"], ["none", "not recorded"]], sins],
  ["life", "Life expectancy", [KEEP, ["2", "2 months"], ["3", "3 months"], ["12", "12 months"], ["none", "not recorded"]], life],
  ["radiotherapy", "Radiotherapy before", [KEEP, ["spine", "of the spine, 2 years ago"], ["none", "none"]], radiotherapy],
  ["comfort", "Comfort care", [KEEP, ["yes", "yes"], ["no", "no"]], flag("comfort-care", "Comfort care")],
];
