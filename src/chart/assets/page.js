// What every script of the page needs: making elements, the clock of the service, and the line that is read aloud.

/** Makes an element. `props` are attributes; `on…` members are listeners; `null`, `undefined` and `false` are left out. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Inside an EHR everything is asked for below the address of the session, with the key of this page.
const { base = "", key } = document.body.dataset;
const own = key ? { "X-Page-Key": key } : {};

/** Asks the service of this page. */
export const get = (path) => fetch(`${base}${path}`, { headers: own });

/** Sends something to the service of this page: a text as it is, anything else as JSON. */
export const post = (path, body) =>
  fetch(`${base}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...own },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

export const byId = (id) => document.getElementById(id);

/** Puts HTML of our own service into a region; the service escapes what comes from a record. */
export function put(id, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  byId(id).replaceChildren(template.content);
}

const opened = performance.now();
const served = Date.parse(document.body.dataset.now);
export const frozen = document.body.dataset.frozen === "true";

/** The clock of the service, not that of this computer. */
export function now() {
  return new Date(frozen ? served : served + performance.now() - opened);
}

export const instant = (date) => date.toISOString().replace(/\.\d{3}Z$/, "Z");

const format = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
});

/** A time as the cards write it: "5 May 2026 08:00 UTC". */
export const moment = (text) => `${format.format(new Date(text)).replace(",", "")} UTC`;

/** How long until (or since) a time, in words. */
export function distance(text) {
  const minutes = Math.round(Math.abs(new Date(text) - now()) / 60000);
  const some = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;
  if (minutes < 120) return some(minutes, "minute");
  if (minutes <= 2880) return some(Math.floor(minutes / 60), "hour");
  return some(Math.floor(minutes / 1440), "day");
}

/** Says something to those who do not see where it happened: read aloud by screen readers. */
export function say(text) {
  byId("status").textContent = text;
}

/** Whether the page is done with what it was asked; tests and styles look at it. */
export function state(word) {
  document.body.dataset.state = word;
}
