// Single keys for the list and for one lead. Comfort only: everything can be done without them.
// Which key does what comes from the server (review/keys.py), so that everybody has their own.
import { tinykeys } from "./vendor/tinykeys.mjs";

const keys = JSON.parse(document.body.dataset.keys || "{}");

// Fields in which keys mean letters. Radio buttons and check boxes are not among them.
const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit], [type=button])";

const shows = (element) => element.getClientRects().length > 0 && !element.closest("[inert]");
const found = (name) => [...document.querySelectorAll(`[data-act="${name}"]`)].find(shows);
const titles = () => [...document.querySelectorAll(".scout-card__title a")].filter(shows);

// The card that has the focus, or holds what has it.
const here = () => titles().findIndex((title) => title.closest("li, article")?.contains(document.activeElement));

// Next or previous: of one lead by its link, in the list by moving the focus.
function step(name, by) {
  const link = found(name);
  if (link) return link.click();
  const cards = titles();
  const at = here();
  const to = at < 0 ? (by > 0 ? 0 : cards.length - 1) : at + by;
  if (cards[to]) return cards[to].focus();
  // Past the end of a page: on to the next one.
  document.querySelector(`.utrecht-pagination a[rel="${by > 0 ? "next" : "prev"}"]`)?.click();
}

// Opens the form of a lead; from the list, that of the card with the focus.
function open(name, action) {
  const summary = found(name);
  if (summary) return unfold(summary);
  const card = titles()[Math.max(here(), 0)];
  if (!card || document.querySelector(".scout-lead")) return;
  const address = new URL(card.href);
  address.searchParams.set("doe", action);
  location.assign(address);
}

function unfold(summary) {
  const details = summary.closest("details");
  if (!details) return summary.click();
  details.open = true;
  const first = details.querySelector("[data-first]") ?? details.querySelector("form input:not([type=hidden]), form textarea");
  first?.focus();
}

function undo() {
  const button = found("undo");
  const words = button?.form.querySelector("textarea");
  if (words && !words.value.trim()) {
    const details = words.closest("details");
    if (details) details.open = true;
    return words.focus();
  }
  button?.click();
}

function search() {
  const field = [...document.querySelectorAll("[name=zoek]:not([type=hidden])")].find(shows);
  if (field) {
    field.focus();
    return field.select();
  }
  const list = document.querySelector("[data-search]");
  if (list) location.assign(list.dataset.search);
}

// In an opened form a digit chooses; where that is all there is to say, it is sent at once.
function digit(event) {
  const choice = [...document.querySelectorAll("details[open] [data-digit]")].find(
    (one) => one.dataset.digit === event.key && shows(one),
  );
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  const more = choice.dataset.more;
  if (more) return document.getElementById(more)?.focus();
  choice.form.requestSubmit(choice.form.querySelector("button[type=submit]"));
}

const ACTS = {
  next: () => step("next", 1),
  previous: () => step("previous", -1),
  promote: () => open("promote", "opnemen"),
  reject: () => open("reject", "afwijzen"),
  known: () => open("known", "al-bekend"),
  snooze: () => open("snooze", "uitstellen"),
  merge: () => open("merge", "samenvoegen"),
  assign: () => found("assign")?.click(),
  note: () => open("note", "notitie"),
  undo,
  source: () => found("source")?.click(),
  search,
  help: () => document.getElementById("toetsen")?.showModal(),
};

// Letters are bound without Shift; signs such as ? need it on most keyboards.
const binding = (key) => (/\p{L}/u.test(key) ? key : `[Shift]+${key}`);

function quiet(event) {
  return (
    event.repeat ||
    event.isComposing ||
    event.target.matches?.(TYPING) ||
    document.querySelector("dialog[open]") !== null ||
    document.querySelector("main[aria-busy=true]") !== null
  );
}

// Where the search key of another page led.
const wanted = document.getElementById(location.hash.slice(1));
if (wanted?.name === "zoek") wanted.focus();

const bindings = {};
for (const [name, key] of Object.entries(keys)) {
  if (!ACTS[name]) continue;
  bindings[binding(key)] = (event) => {
    event.preventDefault();
    ACTS[name]();
  };
}
if (Object.keys(bindings).length) {
  for (const key of "1234567890-") bindings[key] ??= digit;
  tinykeys(window, bindings, { ignore: quiet });
  document.documentElement.classList.add("scout-has-keys");
}
