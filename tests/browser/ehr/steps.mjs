// What a scenario inside an EHR does: tell the EHR what to do, launch the panel from it, and find the panel's parts.

const { EHR_URL, BASE_URL } = process.env;

/** What the EHR holds and what it saw. */
export const control = async () => (await fetch(`${EHR_URL}/control`)).json();

/** Tells the EHR something. */
export const tell = async (what, body) =>
  (await fetch(`${EHR_URL}/control/${what}`, { method: "POST", body: JSON.stringify(body) })).json();

/** The address by which the EHR opens the panel on a patient. */
export async function launchAddress(context) {
  const { launch } = await tell("launch", context);
  return `${BASE_URL}/smart/launch?${new URLSearchParams({ iss: `${EHR_URL}/fhir`, launch })}`;
}

/** Opens the panel on a patient, as a user of the EHR does. */
export const launch = async (page, context) => page.goto(await launchAddress(context));

export const panel = (page) => page.locator("dialog.panel");

/** Waits until the panel has shown what the answers so far lead to. */
export const settled = (page) => page.locator('dialog.panel[data-state="ready"]').waitFor();

/** A radio button of the panel by its question and answer, as a reader finds them. */
export const choice = (page, question, answer) =>
  panel(page).getByRole("group", { name: question, exact: true }).getByRole("radio", { name: answer });
