// The sum of the points goes along while they are typed; the ballot works without this file.
"use strict";

const ballot = document.getElementById("stem");

const addUp = () => {
  const sum = document.getElementById("som");
  if (!sum) return;
  const most = Number(ballot.dataset.points);
  let given = 0;
  for (const field of ballot.querySelectorAll(".scout-round-give__points")) {
    const interest = document.getElementById(field.id.replace("punten", "belang")).checked;
    field.disabled = interest;
    if (!interest && /^\d{1,4}$/.test(field.value.trim())) given += Number(field.value);
  }
  const left = most - given;
  const words = left > 0 ? sum.dataset.left : left === 0 ? sum.dataset.all : sum.dataset.over;
  const told = words.replace("#", given).replace("@", Math.abs(left));
  // Said aloud only when it changes.
  if (sum.textContent !== told) sum.textContent = told;
  sum.classList.toggle("scout-round-sum__words--over", left < 0);
};

if (ballot && ballot.dataset.points) {
  ballot.classList.add("scout-round-ballot--live");
  ballot.addEventListener("input", addUp);
  ballot.addEventListener("change", addUp);
  addUp();
}
