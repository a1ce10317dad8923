// From the fields of the order form to draft orders, coded as an EHR would code them.

const SNOMED = "http://snomed.info/sct";
const LOINC = "http://loinc.org";
const FINDING = "urn:spinal-mets-cds:finding";

export const LEVELS = [
  ...Array.from({ length: 7 }, (_, i) => `C${i + 1}`), ...Array.from({ length: 12 }, (_, i) => `T${i + 1}`),
  ...Array.from({ length: 5 }, (_, i) => `L${i + 1}`), ...Array.from({ length: 5 }, (_, i) => `S${i + 1}`),
];

const IMAGING = {
  "X-ray": { "whole spine": [SNOMED, "1367647005"], cervical: [LOINC, "24946-6"], thoracic: [LOINC, "24983-9"], lumbar: [LOINC, "24972-2"] },
  CT: { "whole spine": [SNOMED, "429875006"], cervical: [LOINC, "24932-6"] },
  MRI: { "whole spine": [LOINC, "30854-4"], cervical: [LOINC, "24935-9"], thoracic: [LOINC, "24980-5"], lumbar: [LOINC, "24968-0"] },
  "Bone scan": { "whole spine": [LOINC, "25031-6"] },
};

const SURGERY = {
  "Decompression laminectomy": "283165009",
  "Decompression of spinal cord": "10836008",
};

const CONSULTS = {
  "Spine surgery": "spine-surgery-consult",
  "Multidisciplinary team": "mdt-consult",
  "Radiation oncology": "radiation-oncology-consult",
  Orthopaedics: "orthopaedic-consult",
};

const coding = ([system, code], display) => ({ system, code, display });
const site = (level) => (level ? { bodySite: [{ text: level }] } : {});

/** Each kind of order: its fields, and how it becomes a resource. A field is `[name, label, choices | input attributes]`. */
export const KINDS = {
  imaging: {
    label: "Imaging",
    fields: [
      ["modality", "Kind", Object.keys(IMAGING)],
      ["region", "Region", ["lumbar", "thoracic", "cervical", "whole spine"]],
      ["priority", "Priority", ["routine", "urgent", "asap", "stat"]],
      ["hours", "In how many hours", { type: "number", min: 0, max: 2000, step: 1, inputmode: "numeric" }],
    ],
    make: (form, at) => {
      const text = form.modality === "Bone scan" ? "Bone scan" : `${form.modality} ${form.region}${form.region.endsWith("spine") ? "" : " spine"}`;
      const known = IMAGING[form.modality][form.modality === "Bone scan" ? "whole spine" : form.region];
      return {
        category: [{ coding: [coding([SNOMED, "363679005"], "Imaging (procedure)")] }],
        priority: form.priority,
        code: { ...(known ? { coding: [coding(known, text)] } : {}), text },
        ...(form.hours === "" ? {} : { occurrenceDateTime: at(Number(form.hours)) }),
      };
    },
  },
  radiotherapy: {
    label: "Radiotherapy",
    fields: [
      ["technique", "Technique", ["SBRT", "Conventional"]],
      ["dose", "Total dose, Gy", { type: "number", min: 1, max: 80, step: 0.5, value: 24, required: true, inputmode: "decimal" }],
      ["fractions", "Fractions", { type: "number", min: 1, max: 40, step: 1, value: 2, required: true, inputmode: "numeric" }],
      ["level", "Level", ["not stated", ...LEVELS]],
    ],
    make: (form) => ({
      code: {
        coding: [form.technique === "SBRT" ? coding([SNOMED, "115959002"], "Stereotactic radiosurgery") : coding([SNOMED, "1287742003"], "Radiotherapy (procedure)")],
        text: `${form.technique === "SBRT" ? "SBRT" : "Radiotherapy"} ${form.level === "not stated" ? "spine" : form.level}, ${form.dose} Gy in ${form.fractions}`,
      },
      extension: [{
        url: "http://hl7.org/fhir/us/codex-radiation-therapy/StructureDefinition/codexrt-radiotherapy-dose-prescribed-to-volume",
        extension: [
          { url: "totalDose", valueQuantity: { value: Number(form.dose) * 100, unit: "cGy", system: "http://unitsofmeasure.org", code: "cGy" } },
          { url: "fractions", valueUnsignedInt: Number(form.fractions) },
        ],
      }],
      ...site(form.level === "not stated" ? null : form.level),
    }),
  },
  surgery: {
    label: "Spine surgery",
    fields: [["what", "Operation", Object.keys(SURGERY)], ["level", "Level", ["not stated", ...LEVELS]]],
    make: (form) => ({
      code: { coding: [coding([SNOMED, SURGERY[form.what]], form.what)], text: form.level === "not stated" ? form.what : `${form.what} ${form.level}` },
      ...site(form.level === "not stated" ? null : form.level),
    }),
  },
  consult: {
    label: "Consult",
    fields: [["who", "Whom to ask", Object.keys(CONSULTS)], ["priority", "Priority", ["urgent", "routine", "asap", "stat"]]],
    make: (form) => ({
      priority: form.priority,
      code: { coding: [coding([FINDING, CONSULTS[form.who]], `${form.who} consult`)], text: `${form.who} consult` },
    }),
  },
  zoledronic: {
    label: "Zoledronic acid",
    fields: [],
    make: () => ({
      resourceType: "MedicationRequest",
      medicationCodeableConcept: { coding: [coding(["http://www.nlm.nih.gov/research/umls/rxnorm", "77655"], "Zoledronic acid")], text: "Zoledronic acid" },
    }),
  },
};

/** The draft order of a filled form. `at(hours)` gives an instant that many hours from now. */
export function draftOf(kind, form, record, at) {
  return {
    resourceType: "ServiceRequest",
    id: record.newId(),
    status: "draft",
    intent: "order",
    subject: { reference: `Patient/${record.patient}` },
    ...(record.encounter ? { encounter: { reference: `Encounter/${record.encounter}` } } : {}),
    authoredOn: at(0),
    ...KINDS[kind].make(form, at),
  };
}
