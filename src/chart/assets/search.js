// Resolves prefetch templates over a record, as a FHIR server would for an EHR. A parameter that it does not know is an error.

const path = (resource, names) => {
  const [name, ...rest] = names;
  if (Array.isArray(resource)) return resource.flatMap((item) => path(item, names));
  if (name === undefined) return [resource];
  return resource && typeof resource === "object" && name in resource ? path(resource[name], rest) : [];
};

const SUBJECT_IS_PATIENT = ["AllergyIntolerance", "Device", "BodyStructure", "Immunization"];
const DRUG = ["MedicationRequest", "MedicationStatement", "MedicationAdministration"];

/** Where R4 looks for a search parameter. */
function placesOf(kind, name) {
  if (name === "patient") return [[SUBJECT_IS_PATIENT.includes(kind) ? "patient" : "subject"]];
  if (name === "code" && DRUG.includes(kind)) return [["medicationCodeableConcept"]];
  if (name === "code" && kind === "AllergyIntolerance") return [["code"], ["reaction", "substance"]];
  if (name === "code") return [["code"]];
  if (name === "category" || name === "type") return [[name]];
  throw new Error(`this page does not know the search parameter “${name}” of ${kind}`);
}

const codesOf = (value) => {
  if (typeof value === "string") return [value];
  const codings = Array.isArray(value?.coding) ? value.coding : [value];
  return codings.map((coding) => coding?.code).filter((code) => typeof code === "string");
};

const patientOf = (reference) => {
  const text = typeof reference?.reference === "string" ? reference.reference : "";
  return text.startsWith("urn:uuid:") ? text.slice(9) : /(?:^|\/)Patient\/([^/]+)$/.exec(text)?.[1];
};

/** The values of a parameter: URL encoding first, then FHIR's backslash. */
const valuesOf = (text) =>
  (decodeURIComponent(text).match(/(?:\\.|[^,\\])+/g) ?? []).map((value) => value.replace(/\\(.)/g, "$1"));

function search(kind, parameters, resources) {
  let page = Infinity;
  const conditions = [];
  for (const parameter of parameters.split("&")) {
    const [name, value] = [parameter.slice(0, parameter.indexOf("=")), parameter.slice(parameter.indexOf("=") + 1)];
    if (name === "_count") {
      page = Number(value);
      continue;
    }
    const wanted = new Set(valuesOf(value));
    const places = placesOf(kind, name);
    conditions.push((resource) =>
      places.flatMap((place) => path(resource, place)).some((found) =>
        name === "patient" ? wanted.has(patientOf(found)) : codesOf(found).some((code) => wanted.has(code)),
      ),
    );
  }
  const found = resources.filter((r) => r.resourceType === kind && conditions.every((holds) => holds(r)));
  const bundle = { resourceType: "Bundle", type: "searchset", total: found.length };
  if (found.length) bundle.entry = found.slice(0, page).map((resource) => ({ resource, search: { mode: "match" } }));
  if (found.length > page) bundle.link = [{ relation: "next", url: "https://ehr.example.org/r4?page=2" }];
  return bundle;
}

/** Fills the tokens in; `null` when this context cannot resolve one, so that an EHR drops the key. */
export function fill(template, context) {
  let unresolved = false;
  const filled = template.replace(/\{\{([^}]*)\}\}/g, (_, token) => {
    const value = token.startsWith("context.") ? context[token.slice(8)] : undefined;
    if (typeof value !== "string") unresolved = true;
    return value;
  });
  return unresolved ? null : filled;
}

/** The prefetch that this record gives to a service. */
export function prefetch(service, record, context) {
  const { absent, failed, absentKeys, failedKeys, partKeys, whole } = record.undelivered;
  const answered = {};
  for (const [key, template] of Object.entries(service.prefetch ?? {})) {
    const query = fill(template, context);
    const kind = template.split(/[/?]/)[0];
    if (query === null || absent.includes(kind) || absentKeys.includes(key)) continue;
    if (failed.includes(kind) || failedKeys.includes(key)) {
      answered[key] = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "exception" }] };
    } else if (query.includes("?")) {
      const asked = query.slice(query.indexOf("?") + 1);
      answered[key] = search(kind, whole ? asked.replace(/&_count=\d+/, "") : asked, record.resources);
      if (partKeys.includes(key)) answered[key].link = [{ relation: "next", url: "https://ehr.example.org/r4?page=2" }];
    } else {
      answered[key] = record.resources.find((r) => `${r.resourceType}/${r.id}` === query) ?? null;
    }
  }
  return answered;
}
