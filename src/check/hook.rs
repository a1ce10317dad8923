//! The hooks of HL7's library and the members of their contexts, as far as templates need them.

/// The context of a hook.
#[derive(Debug)]
pub struct HookContext {
    /// Its name.
    pub name: &'static str,
    /// Members that may be tokens of a template.
    pub tokens: &'static [&'static str],
    /// The others.
    pub others: &'static [&'static str],
}

const USUAL: &[&str] = &["userId", "patientId", "encounterId"];

const fn of(
    name: &'static str,
    tokens: &'static [&'static str],
    others: &'static [&'static str],
) -> HookContext {
    HookContext { name, tokens, others }
}

const HOOKS: [HookContext; 10] = [
    of("allergyintolerance-create", USUAL, &["allergyIntolerance"]),
    of("appointment-book", USUAL, &["appointments"]),
    of("encounter-discharge", USUAL, &[]),
    of("encounter-start", USUAL, &[]),
    of("medication-refill", USUAL, &["medications"]),
    of("order-dispatch", &["patientId", "dispatchedOrders", "performer"], &["fulfillmentTasks"]),
    of("order-select", USUAL, &["selections", "draftOrders"]),
    of("order-sign", USUAL, &["draftOrders"]),
    of("patient-view", USUAL, &[]),
    of("problem-list-item-create", USUAL, &["conditions"]),
];

/// The hook of this name.
pub fn find(name: &str) -> Option<&'static HookContext> {
    HOOKS.iter().find(|it| it.name == name)
}

/// The names of all hooks.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    HOOKS.iter().map(|it| it.name)
}
