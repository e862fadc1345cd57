"use strict";

const filters = [...document.querySelectorAll(".filters")];
const rows = [...document.querySelectorAll(".all tbody tr")];
const wanted = { outcome: "", level: "", text: "" };

function matches(row) {
  return (
    (!wanted.outcome || row.dataset.outcome === wanted.outcome) &&
    (!wanted.level || row.dataset.level === wanted.level) &&
    wanted.text.split(/\s+/).every((word) => row.dataset.text.includes(word))
  );
}

function applyFilters() {
  for (const row of rows) row.classList.toggle("filtered", !matches(row));
  for (const bar of filters) {
    const own = [...bar.parentElement.querySelectorAll(".all tbody tr")];
    const shown = own.filter((row) => !row.classList.contains("filtered")).length;
    bar.querySelector("output").textContent = `${shown} of ${own.length} shown`;
  }
}

for (const bar of filters) {
  bar.hidden = false;
  bar.addEventListener("input", (event) => {
    const name = event.target.dataset.filter;
    const value = event.target.value;
    wanted[name] = value.trim().toLowerCase();
    for (const other of document.querySelectorAll(`[data-filter="${name}"]`)) {
      if (other !== event.target) other.value = value;
    }
    applyFilters();
  });
}
applyFilters();

const openedForPrint = [];
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    openedForPrint.push(part);
  }
});
addEventListener("afterprint", () => {
  while (openedForPrint.length) openedForPrint.pop().open = false;
});
