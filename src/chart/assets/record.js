// The record of one patient, as the EHR that this page plays has it: resources, drafts, and what it fails to deliver.

export const referenceOf = (resource) => (resource.id ? `${resource.resourceType}/${resource.id}` : resource.resourceType);

const entriesOf = (bundle) => (Array.isArray(bundle?.entry) ? bundle.entry : []).map((entry) => entry?.resource).filter(Boolean);

export class Record {
  constructor({ patient, user = "Practitioner/dr-1", encounter = null, resources = [], drafts = [], undelivered = {} }) {
    Object.assign(this, { patient, user, encounter, resources });
    /** Each draft with its state: "draft", "removed" or "replaced"; `was` holds what it replaced. */
    this.drafts = drafts.map((resource) => ({ resource, state: "draft", note: "" }));
    /** Resource types and prefetch keys that are left out, answered with an OperationOutcome or in part; `whole`: without pages. */
    this.undelivered = { absent: [], failed: [], absentKeys: [], failedKeys: [], partKeys: [], whole: false, ...undelivered };
    this.made = 0;
  }

  /** The record of a fixture patient, as `/chart/patients/{name}/record` gives it. */
  static ofFixture(told) {
    const all = entriesOf(told.bundle);
    const drafts = told.drafts.map((name) => all.find((resource) => referenceOf(resource) === name)).filter(Boolean);
    const patients = all.filter((resource) => resource.resourceType === "Patient");
    return new Record({
      patient: told.patient ?? patients[0]?.id ?? "",
      user: told.user,
      encounter: told.encounter,
      resources: all.filter((resource) => !drafts.includes(resource)),
      drafts,
      undelivered: { absent: told.absent, failed: told.unavailable },
    });
  }

  /** The record of the patient whose chart is open in an EHR, as the service has read it there. */
  static ofEhr({ patient, user, encounter, resources, failedKeys, partKeys }) {
    return new Record({ patient, user: user ?? undefined, encounter, resources, undelivered: { failedKeys, partKeys, whole: true } });
  }

  /** The record that a hook request carries. */
  static ofRequest(request, keys) {
    const prefetch = request.prefetch ?? {};
    const values = Object.values(prefetch).filter((value) => value && typeof value === "object");
    const resources = values.flatMap((value) => (value.resourceType === "Bundle" ? entriesOf(value) : [value]));
    const once = new Map(resources.map((resource) => [referenceOf(resource), resource]));
    const failed = (key) => prefetch[key]?.resourceType === "OperationOutcome";
    return new Record({
      patient: String(request.context?.patientId ?? ""),
      user: request.context?.userId,
      encounter: request.context?.encounterId,
      resources: [...once.values()].filter((resource) => resource.resourceType !== "OperationOutcome"),
      drafts: entriesOf(request.context?.draftOrders),
      undelivered: { absentKeys: keys.filter((key) => !(key in prefetch)), failedKeys: keys.filter(failed) },
    });
  }

  /** A copy with what an answered form records: new resources, and changed ones in their place. */
  with({ new: made = [], changed = [] } = {}) {
    const record = this.copy();
    const names = changed.map(referenceOf);
    record.resources = record.resources.map((known) => changed[names.indexOf(referenceOf(known))] ?? known);
    record.resources.push(...made.map((resource) => ({ id: record.newId(), ...resource })));
    return record;
  }

  copy() {
    return Object.assign(Object.create(Record.prototype), structuredClone(this));
  }

  /** The drafts that are still there. */
  live() {
    return this.drafts.filter((draft) => draft.state === "draft");
  }

  /** A fresh id for an order of this page. */
  newId() {
    this.made += 1;
    return `new-${this.made}`;
  }

  find(reference) {
    return this.resources.find((resource) => referenceOf(resource) === reference);
  }

  remove(references) {
    this.resources = this.resources.filter((resource) => !references.includes(referenceOf(resource)));
  }

  /**
   * Takes the actions of a suggestion over. Returns the references of the orders that were created or updated. An answer is
   * no draft: it is on record at once.
   */
  apply(actions, label) {
    const touched = [];
    for (const action of actions) {
      if (action.type === "delete") this.#strike(action.resourceId, `Removed: ${label}`);
      if (action.type === "update") {
        this.#strike(referenceOf(action.resource), `Replaced: ${label}`);
        this.#add(action.resource, label, touched);
      }
      if (action.type !== "create") continue;
      const resource = { id: this.newId(), ...action.resource };
      if (resource.resourceType === "Observation") this.resources.push(resource);
      else this.#add(resource, label, touched);
    }
    return touched;
  }

  #add(resource, label, touched) {
    this.drafts.push({ resource, state: "draft", note: `Suggested: ${label}` });
    touched.push(referenceOf(resource));
  }

  #strike(reference, note) {
    const draft = this.live().find((known) => referenceOf(known.resource) === reference);
    if (draft) Object.assign(draft, { state: "removed", note });
  }

  /** Signs the drafts: they become orders of the record. */
  sign(at) {
    for (const { resource } of this.live()) {
      this.resources.push({ ...resource, status: "active", intent: "order", authoredOn: at });
    }
    this.drafts = [];
  }
}
