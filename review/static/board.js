// The board without loading pages anew: dragging, keys, and telling what happened. Comfort only: the same
// links and forms work without this file.

const main = document.getElementById("inhoud");
const voice = document.getElementById("melding");
const keysOn = document.body.dataset.keys !== undefined;

// Fields in which keys mean letters.
const TYPING = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=submit], [type=button])";
const CONTROLS = "a[href], button, summary, textarea, input:not([type=hidden])";

const board = () => document.getElementById("bord");
const shows = (element) => element.getClientRects().length > 0;
const rowOf = (element) => element?.closest?.("[data-row]");

// ---- Other parts of the board, without another page ----------------------------------------------

let waiting = false;

// Ask for a page and let its board take the place of this one; gives whether that worked.
async function show(address, options, focus, push) {
  if (waiting) return;
  waiting = true;
  main.setAttribute("aria-busy", "true");
  const scrolls = scrolled();
  try {
    const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("bord");
    if (!fresh) {
      // Signed out meanwhile, or the page says why it can't be.
      if (!options?.method && answer.url) location.assign(answer.url);
      else location.reload();
      return;
    }
    board().replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    if (answer.ok && (push || answer.redirected)) history[push ? "pushState" : "replaceState"]({}, "", answer.url);
    dress(scrolls);
    find(focus)?.focus({ preventScroll: !push });
    board().querySelector("#fouten")?.focus();
    say([...board().querySelectorAll(".scout-notice__text")].map((one) => one.textContent.trim()).join(" "));
  } catch {
    const told = document.getElementById("mislukt").content.cloneNode(true).firstElementChild;
    board().querySelector(":scope > .scout-errors")?.remove();
    board().prepend(told);
    told.focus();
  } finally {
    waiting = false;
    main.removeAttribute("aria-busy");
  }
}

function say(words) {
  voice.textContent = "";
  // Emptied first, so that the same words twice are said twice.
  if (words) requestAnimationFrame(() => { voice.textContent = words; });
}

const scrolled = () => [...document.querySelectorAll("#paneel")].map((one) => one.scrollTop);

// The first thing that shows of several selectors.
function find(selectors) {
  for (const selector of (selectors ?? "").split(", ").filter(Boolean)) {
    const found = [...board().querySelectorAll(selector)].find(shows);
    if (found) return found;
  }
  return null;
}

// Where the focus goes when a form or link says "the same": the button that does the opposite now.
function same(form) {
  const item = form.closest("[id]");
  return item ? `#${item.id} form[action$="${new URL(form.action).pathname}"] button` : "";
}

main.addEventListener("click", (event) => {
  const link = event.target.closest("#bord a[data-choose]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const kept = rowOf(link) && narrow() ? "#paneel-kop" : rowOf(link) ? "#paneel [data-main]" : "#paneel-kop";
  show(link.href, {}, `${link.dataset.focus ?? kept}, #paneel-kop`, true);
});

const narrow = () => matchMedia("(max-width: 61.98rem)").matches;

main.addEventListener("submit", (event) => {
  const form = event.target.closest("#bord form");
  if (!form) return;
  event.preventDefault();
  if (form.method === "get") {
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
    show(address, {}, "#toon", true);
    return;
  }
  const focus = (form.dataset.focus ?? "").replace("same", same(form));
  show(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }, focus, false);
});

main.addEventListener("change", (event) => {
  if (event.target.matches("#bord #toon")) event.target.form.requestSubmit();
});

addEventListener("popstate", () => {
  if (board()) show(location.href, {}, "#paneel-kop", false);
});

// ---- One stop for the Tab key in each list -------------------------------------------------------

const items = (group) => [...group.querySelectorAll("[data-item]")].filter(shows);
const mainOf = (item) => item.querySelector("[data-main]") ?? item.querySelector(CONTROLS);

// Only the controls of one item of a list can be reached with Tab; the arrows choose the item.
function rove(item) {
  const group = item.closest("[data-group]");
  if (!group || group.roved === item) return;
  for (const control of group.roved?.querySelectorAll(CONTROLS) ?? []) control.tabIndex = -1;
  for (const control of item.querySelectorAll(CONTROLS)) control.removeAttribute("tabindex");
  group.roved = item;
}

function dress(scrolls = []) {
  for (const group of board().querySelectorAll("[data-group]")) {
    for (const control of group.querySelectorAll(`[data-item] :is(${CONTROLS})`)) control.tabIndex = -1;
    const first = group.querySelector("[data-item]:has([aria-current])") ?? group.querySelector("[data-item]");
    if (first) rove(first);
  }
  for (const one of board().querySelectorAll("[data-drag]")) one.draggable = true;
  document.querySelectorAll("#paneel").forEach((one, number) => { one.scrollTop = scrolls[number] ?? 0; });
}

main.addEventListener("focusin", (event) => {
  const item = event.target.closest("#bord [data-item]");
  if (item) rove(item);
});

// ---- Keys, only while the board has the focus ----------------------------------------------------

function step(item, by) {
  const group = item.closest("[data-group]");
  if (!group) return;
  const all = items(group);
  const at = all.indexOf(item);
  const to = by === "first" ? 0 : by === "last" ? all.length - 1 : Math.min(Math.max(at + by, 0), all.length - 1);
  rove(all[to]);
  mainOf(all[to])?.focus();
}

// The button of a key: of the item with the focus, else of the chosen initiative.
function press(key) {
  const here = document.activeElement.closest("[data-item]");
  const button = [here, board().querySelector(".scout-pairs__now")]
    .map((one) => one?.querySelector(`[data-key="${key}"]`))
    .find(Boolean);
  if (!button) return false;
  button.form.requestSubmit(button);
  return true;
}

function next() {
  const link = find("#volgende");
  const row = find('[data-row][data-state="niemand"] [data-main]');
  (link ?? row)?.click();
  return Boolean(link ?? row);
}

const ARROWS = {
  ArrowDown: (item) => step(item, 1),
  ArrowUp: (item) => step(item, -1),
  PageDown: (item) => step(item, 10),
  PageUp: (item) => step(item, -10),
  Home: (item) => step(item, "first"),
  End: (item) => step(item, "last"),
  ArrowRight: (item) => {
    if (!item.matches("[data-row]")) return;
    const link = mainOf(item);
    if (link.getAttribute("aria-current")) find("#paneel [data-main]")?.focus();
    else link.click();
  },
  ArrowLeft: (item) => {
    if (!item.matches("[data-row]")) find('[data-row] [aria-current], [data-group="rows"] [data-main]')?.focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = document.activeElement;
  if (!target.closest?.("#bord") || target.matches(TYPING)) return;
  const item = target.closest("[data-item]");
  let done = false;
  if (ARROWS[event.key] && item && !event.shiftKey) {
    ARROWS[event.key](item);
    done = true;
  } else if (keysOn && !event.repeat) {
    if (event.key === "n") done = next();
    else if (["l", "v", "x"].includes(event.key)) done = press(event.key);
  }
  if (done) event.preventDefault();
});

// ---- Dragging ------------------------------------------------------------------------------------

// What is on its way: {consultant, name, from, fits}.
let dragged = null;

main.addEventListener("dragstart", async (event) => {
  const source = event.target.closest?.("#bord [data-drag]");
  if (!source) return;
  const mine = { consultant: source.dataset.drag, name: source.dataset.name, from: source.dataset.from ?? "", fits: null };
  dragged = mine;
  event.dataTransfer.setData("text/plain", source.dataset.name);
  event.dataTransfer.effectAllowed = "move";
  board().classList.add("scout-pairs--dragging");
  const address = board().dataset.fits.replace(/0$/, mine.consultant);
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || dragged !== mine) return;
  mine.fits = await answer.json().catch(() => null);
  if (mine.fits && dragged === mine) annotate(mine);
});

// How the one who is dragged would do, at every initiative.
function annotate({ fits, from }) {
  for (const row of board().querySelectorAll("[data-row]")) {
    const fit = fits[row.dataset.row];
    const place = row.querySelector("[data-try]");
    if (!fit || row.dataset.row === from) continue;
    row.dataset.order = fit.order;
    if (!place) continue;
    place.textContent = fit.words;
    place.className = `scout-pairs__try scout-pairs__try--${fit.order}`;
    place.hidden = false;
  }
}

function target(event) {
  const row = rowOf(event.target);
  if (row) return row.dataset.row !== dragged.from && dragged.fits?.[row.dataset.row]?.order !== 2 ? row : null;
  return dragged.from ? event.target.closest?.("#paneel") : null;
}

main.addEventListener("dragover", (event) => {
  if (!dragged) return;
  const over = target(event);
  for (const one of board().querySelectorAll(".scout-pairs--over")) if (one !== over) one.classList.remove("scout-pairs--over");
  if (!over) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  over.classList.add("scout-pairs--over");
});

main.addEventListener("drop", (event) => {
  if (!dragged) return;
  const over = target(event);
  if (!over) return;
  event.preventDefault();
  const { consultant, from } = dragged;
  const row = rowOf(over);
  const form = document.getElementById("slepen").closest("form");
  const body = new URLSearchParams(new FormData(form));
  let address = form.action;
  if (row) {
    body.set("initiatief", row.dataset.row);
    body.set("seen", row.dataset.seen);
    body.set("van", from);
  } else {
    body.set("initiatief", from);
    body.set("seen", consultant);
    address = address.replace(/koppelen$/, "losmaken");
  }
  body.set("consultant", consultant);
  show(address, { method: "POST", body }, `#rij-${row ? row.dataset.row : from} [data-main]`, false);
});

document.addEventListener("dragend", () => {
  dragged = null;
  const here = board();
  here.classList.remove("scout-pairs--dragging");
  for (const one of here.querySelectorAll(".scout-pairs--over")) one.classList.remove("scout-pairs--over");
  for (const row of here.querySelectorAll("[data-row]")) {
    delete row.dataset.order;
    const place = row.querySelector("[data-try]");
    if (place) place.hidden = true;
  }
});

if (board()) dress();
