// Comfort only: every page works without this file.
"use strict";

// A form is sent once: a second click while the answer is on its way would be refused anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

// Back from the browser's memory: forms may be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});

// While typing: Ctrl+Enter sends the form, Escape closes it.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form");
    if (form?.method !== "post") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[type=submit]"));
  } else if (event.key === "Escape") {
    const details = event.target.closest?.("details.scout-choice[open]");
    if (!details) return;
    event.preventDefault();
    details.open = false;
    details.querySelector("summary").focus();
  }
});

// The part of the menu that opens: Escape closes it, and so does going elsewhere.
const more = document.querySelector(".scout-nav__more");
more?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !more.open) return;
  event.preventDefault();
  more.open = false;
  more.querySelector("summary").focus();
});
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    if (more?.open && !more.contains(event.target)) more.open = false;
  });
}

function dress(root) {
  // How much room is left in a long text, once it gets tight.
  for (const area of root.querySelectorAll("textarea[data-limit]")) {
    if (area.nextElementSibling?.matches(".scout-count")) continue;
    const limit = Number(area.dataset.limit);
    const count = document.createElement("p");
    count.className = "scout-count";
    count.setAttribute("aria-live", "polite");
    area.after(count);
    const show = () => {
      const left = limit - [...area.value].length;
      count.textContent = left <= limit / 5 ? `${limit - left} / ${limit}` : "";
      count.classList.toggle("scout-count--over", left < 0);
    };
    area.addEventListener("input", show);
    show();
  }
}

dress(document);
document.addEventListener("htmx:afterSwap", (event) => dress(event.target));

// What went wrong is read out first.
document.getElementById("fouten")?.focus();
