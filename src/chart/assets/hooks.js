// The client side of CDS Hooks 2.0.1: discovery, calls and feedback, all through the public endpoints.

import { referenceOf } from "./record.js";
import { prefetch } from "./search.js";
import { get, instant, now, post } from "./page.js";

const BASE = "/cds-services";
let offered;

/** The services on offer. */
export async function services() {
  offered ??= get(BASE).then(async (answer) => (await answer.json()).services);
  return offered;
}

/** The request that an EHR would send about this record. */
function request(service, record, selections) {
  const context = { userId: record.user, patientId: record.patient };
  if (record.encounter) context.encounterId = record.encounter;
  if (service.hook === "order-select") context.selections = selections;
  const live = record.live().map(({ resource }) => resource);
  const bundle = { resourceType: "Bundle", type: "collection", entry: live.map((resource) => ({ resource })) };
  const found = prefetch(service, record, context);
  switch (service.hook) {
    case "patient-view":
    case "encounter-discharge":
      break;
    case "appointment-book":
      context.appointments = bundle;
      break;
    case "order-dispatch":
      // They are signed, so they stand on record as well.
      context.dispatchedOrders = live.map(referenceOf);
      context.performer = record.user;
      for (const resource of live) onRecord(found, resource);
      break;
    default:
      context.draftOrders = bundle;
  }
  return {
    hook: service.hook,
    hookInstance: crypto.randomUUID(),
    context,
    prefetch: found,
  };
}

/** Adds an order to what prefetch finds. */
function onRecord(found, resource) {
  const key = { ServiceRequest: "serviceRequests", MedicationRequest: "medicationRequests" }[resource.resourceType];
  if (!key) return;
  const before = found[key]?.entry ?? [];
  found[key] = { resourceType: "Bundle", type: "searchset", entry: [...before, { resource }] };
}

/** Fires a hook. Gives `{hook, service, cards}`, or `{hook, refused}` with the words of the service. */
export async function fire(hook, record, selections = [], body = null) {
  const service = (await services()).find((one) => one.hook === hook);
  if (!service) return { hook, cards: [], refused: `No service is offered for the hook “${hook}”.` };
  const answer = await post(`${BASE}/${service.id}`, body ?? request(service, record, selections));
  const told = { hook, selections, service: service.id, cards: [] };
  const read = await answer.json().catch(() => ({}));
  if (answer.ok) return { ...told, cards: Array.isArray(read.cards) ? read.cards : [] };
  const issue = read.issue?.[0] ?? {};
  const words = [issue.details?.text, issue.diagnostics].filter(Boolean).join(" ");
  return { ...told, refused: words || `The service answered with status ${answer.status}.` };
}

/** Sends feedback on a card. Gives whether the service took it. */
export async function feedback(service, entry) {
  try {
    const answer = await post(`${BASE}/${service}/feedback`, { feedback: [{ ...entry, outcomeTimestamp: instant(now()) }] });
    return answer.ok;
  } catch {
    return false;
  }
}
