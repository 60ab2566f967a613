// Comfort for the list: every choice and every decision works without this file.
"use strict";

const boxes = () => [...document.querySelectorAll(".scout-pick__box")];

// How many are chosen, and whether all are; said aloud only when it changes by hand.
const showChosen = () => {
  const count = document.getElementById("samen-telling");
  const all = document.getElementById("kies-alles");
  if (!count || !all) return;
  const ticked = document.querySelectorAll('input[name="kies"]:checked').length;
  const words = ticked === 0 ? count.dataset.none : ticked === 1 ? count.dataset.one : count.dataset.more.replace("#", ticked);
  if (count.textContent !== words) count.textContent = words;
  const every = boxes().length > 0 && boxes().every((box) => box.checked);
  all.textContent = every ? all.dataset.none : all.dataset.all;
  all.dataset.every = every ? "yes" : "";
};

document.addEventListener("change", (event) => {
  if (event.target.name === "kies") showChosen();
});

// Choosing all without asking for the page again.
document.addEventListener("click", (event) => {
  const all = event.target.closest("#kies-alles");
  if (!all || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const tick = all.dataset.every !== "yes";
  for (const box of boxes()) box.checked = tick;
  showChosen();
});

// Shift and a click choose everything between two leads.
let last = null;
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.(".scout-pick__box")) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    showChosen();
  }
  last = box;
});

// What is chosen from a list counts at once; what is typed, with Enter or the button.
document.addEventListener("change", (event) => {
  if (window.htmx && event.target.matches("#keuze select")) event.target.form.requestSubmit();
});

// htmx refreshes the list: addresses without empty fields, and no pieces of other pages in it.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "keuze") return;
  for (const [name, value] of Object.entries(event.detail.parameters)) {
    if (value === "" || (name === "status" && value === "open")) delete event.detail.parameters[name];
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig?.elt?.id !== "keuze") return;
  const elsewhere = xhr.responseURL && new URL(xhr.responseURL).pathname !== location.pathname;
  if (elsewhere || xhr.status >= 400) {
    // Signed out meanwhile, or something is wrong: show that page itself.
    event.detail.shouldSwap = false;
    location.reload();
  }
});

document.addEventListener("htmx:afterSettle", showChosen);
window.addEventListener("pageshow", showChosen);
showChosen();
