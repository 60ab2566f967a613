// Deciding without waiting: the next lead is fetched while this one is read, and is shown as soon as a decision
// is sent, while the server does its work. Its answer then takes the place; when there is none, the old lead
// comes back as it was.
// Without this file the same forms and links work, one page at a time.
"use strict";

(() => {
  const main = document.getElementById("inhoud");
  const voice = document.getElementById("melding");
  const PART = { target: "#inhoud", select: "#inhoud > *", swap: "innerHTML" };
  // Milliseconds between two signs of life to colleagues; a claim lapses after ten minutes.
  const STAY = 4 * 60 * 1000;

  // What was on screen when a request went out: {nodes, title, scroll, focus, lead, leadsOn, shown}.
  let held = null;
  let active = true;

  const leadHere = () => main.querySelector(".scout-lead")?.dataset.lead ?? "";
  const ours = (event) => event.detail.target === main;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!ours(event)) return;
    if (held) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSend", (event) => {
    if (!ours(event)) return;
    const source = event.detail.elt;
    hold();
    for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort", "htmx:onLoadError"]) {
      source.addEventListener(trouble, () => bringBack("stil"), { once: true });
    }
    held.leadsOn = source.hasAttribute("data-leads-on") && complete(source);
    showNext();
    wait();
  });

  function hold() {
    held = {
      nodes: [...main.childNodes],
      title: document.title,
      scroll: window.scrollY,
      focus: document.activeElement,
      lead: leadHere(),
      leadsOn: false,
      shown: false,
    };
  }

  // A form that will be refused for what it lacks does not lead on.
  function complete(source) {
    const texts = [...source.querySelectorAll("[aria-required=true]")];
    const groups = [...source.querySelectorAll("[data-needed]")];
    // A lead named by its number is shown before anything happens.
    if (source.querySelector("[name=nummer]")?.value.trim()) return false;
    return (
      texts.every((field) => field.value.trim()) && groups.every((group) => group.querySelector("input:checked"))
    );
  }

  const ahead = () => main.querySelector(":scope > template#volgende");

  // The next lead comes after the page, so that the page itself comes sooner.
  async function fetchNext() {
    const place = ahead();
    if (!place || place.dataset.title) return;
    const answer = await fetch(place.dataset.from).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const came = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#volgende");
    if (!came || place !== ahead()) return;
    place.content.replaceChildren(came.content);
    place.dataset.title = came.dataset.title;
    // Whoever was quicker than it is waiting for it.
    if (held && !held.shown && held.leadsOn) {
      showNext();
      wait();
    }
  }

  function showNext() {
    const next = ahead();
    if (!held.leadsOn || !next?.dataset.title) return;
    held.shown = true;
    main.replaceChildren(next.content.cloneNode(true));
    document.title = next.dataset.title;
    window.scrollTo(0, 0);
    focusOn(main.querySelector("h1"));
  }

  // Nothing can be sent until the server has answered.
  function wait() {
    main.setAttribute("aria-busy", "true");
    for (const part of main.querySelectorAll("form, .scout-steps")) part.inert = true;
  }

  function go() {
    main.removeAttribute("aria-busy");
    for (const part of main.querySelectorAll("[inert]")) part.inert = false;
  }

  main.addEventListener("htmx:beforeSwap", (event) => {
    if (!ours(event) || !held) return;
    const { xhr } = event.detail;
    const path = new URL(xhr.responseURL || location.href).pathname;
    const page = new DOMParser().parseFromString(xhr.response, "text/html");
    if (page.querySelector("#inhoud .scout-lead")) {
      event.detail.shouldSwap = true;
      return;
    }
    event.detail.shouldSwap = false;
    if (xhr.status < 400 && !page.querySelector("#inhoud input[type=password]")) {
      location.assign(path);
    } else if (xhr.status <= 400) {
      // To the sign-in page, or a form whose token is of a session that ended.
      bringBack("afgemeld");
    } else {
      bringBack("geweigerd", page.querySelector("#inhoud"));
    }
  });

  main.addEventListener("htmx:afterSwap", (event) => {
    if (!held || event.target !== main) return;
    const before = held;
    held = null;
    go();
    fetchNext();
    const wrong = main.querySelector("#fouten, .scout-errors");
    const moved = before.shown || leadHere() !== before.lead;
    if (wrong) {
      focusOn(wrong, true);
    } else if (moved) {
      if (!before.shown) window.scrollTo(0, 0);
      focusOn(main.querySelector("h1"));
    } else {
      const part = document.getElementById(before.focus?.closest?.("[data-return]")?.dataset.return ?? "");
      window.scrollTo(0, before.scroll);
      focusOn(part ?? main.querySelector("h1"));
    }
    // What happened is said, whatever has the focus.
    voice.textContent = [...main.querySelectorAll(".scout-notice__text")].map((one) => one.textContent).join(" ");
  });

  // The old lead as it was, with all that was typed, and one sentence about what went wrong.
  function bringBack(why, page) {
    if (!held) return;
    const before = held;
    held = null;
    main.replaceChildren(...before.nodes);
    go();
    document.title = before.title;
    for (const old of main.querySelectorAll(".scout-failed")) old.remove();
    const told = main.querySelector(`:scope > template#mislukt`).content.cloneNode(true).firstElementChild;
    for (const sentence of told.querySelectorAll("[data-why]")) {
      if (sentence.dataset.why !== why) sentence.remove();
    }
    const said = told.querySelector("[data-said]");
    if (said) {
      const sentences = [...(page?.querySelectorAll("h1, p:not(.scout-error-code):not(:has(a))") ?? [])];
      said.textContent = sentences.map((one) => one.textContent.trim().replace(/([^.!?])$/, "$1.")).join(" ");
    }
    main.prepend(told);
    focusOn(told, true);
    renew();
  }

  function focusOn(element, scroll = false) {
    if (!element) return;
    if (!element.matches("a, button, input, textarea, summary")) element.tabIndex = -1;
    element.focus({ preventScroll: !scroll });
  }

  // Forms on screen can be sent once more after signing in again, in another tab say.
  async function renew() {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("#inhoud input[name=csrf_token]")?.value;
    if (!token) return;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = token;
  }

  window.addEventListener("focus", () => {
    if (main.querySelector(".scout-failed")) renew();
  });

  // To the next or previous lead, of which the next one is there already.
  main.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-walk]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!held) htmx.ajax("GET", link.href, { ...PART, source: link, push: "true" }).catch(() => {});
  });

  // Colleagues see who looks at a lead, as long as somebody does.
  for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(sign, () => { active = true; }, { passive: true });
  }
  setInterval(() => {
    const form = main.querySelector("form[data-stay]");
    if (!form || held || !active || document.hidden) return;
    active = false;
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
  }, STAY);

  focusOn(main.querySelector("details[open] [data-first]"));
  fetchNext();
})();
