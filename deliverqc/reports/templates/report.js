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

for (const track of document.querySelectorAll(".text-track")) {
  const timeline = track.querySelector(".timeline");
  const readout = track.querySelector(".readout");
  const span = track.querySelector(".drawn").viewBox.baseVal.width;
  const events = [...track.querySelectorAll("rect.event")].map((bar) => ({
    bar,
    row: document.getElementById(bar.parentNode.getAttribute("href").slice(1)),
    left: bar.x.baseVal.value,
    right: bar.x.baseVal.value + bar.width.baseVal.value,
  }));
  if (!events.length) continue;
  events.sort((one, other) => one.left - other.left);
  let chosen = -1;

  function show(index) {
    for (const one of timeline.querySelectorAll(".chosen")) one.classList.remove("chosen");
    if (index < 0) return;
    const { bar, row } = events[index];
    const [number, at, said, speed] = row.cells;
    const parts = [number, said, speed, at].map((cell) => {
      const part = document.createElement("div");
      part.className = cell === said ? "said" : cell === at ? "at" : "";
      if (cell.lang) part.lang = cell.lang;
      if (cell === number) part.append("Event ");
      part.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
      return part;
    });
    readout.replaceChildren(...parts);
    bar.classList.add("chosen");
    timeline.setAttribute("aria-valuenow", index + 1);
    timeline.setAttribute("aria-valuetext", parts.map((part) => part.innerText).join(", "));
  }

  function choose(index) {
    chosen = Math.min(Math.max(index, 0), events.length - 1);
    show(chosen);
  }

  function choosePlace(pointer) {
    const box = timeline.getBoundingClientRect();
    const place = ((pointer.clientX - box.left) / box.width) * span;
    const distance = ({ bar, left, right }) => (bar === pointer.target ? -1 : Math.max(left - place, place - right, 0));
    return events.reduce((best, one, index) => (distance(one) < distance(events[best]) ? index : best), 0);
  }

  function nextFound(step) {
    let index = chosen + step;
    while (events[index] && !events[index].bar.classList.contains("found")) index += step;
    return events[index] ? index : chosen;
  }

  function reveal(row) {
    row.closest("details").open = true;
    row.scrollIntoView({ block: "center" });
  }

  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  timeline.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (step) choose(event.shiftKey ? nextFound(Math.sign(step)) : chosen + step);
    else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(events.length - 1);
    else if (event.key === "Enter" && chosen >= 0) reveal(events[chosen].row);
    else return;
    event.preventDefault();
  });
  timeline.addEventListener("pointermove", (event) => show(choosePlace(event)));
  timeline.addEventListener("pointerleave", () => show(chosen));
  timeline.addEventListener("focus", () => chosen < 0 && choose(0));
  timeline.addEventListener("click", (event) => {
    event.preventDefault();
    choose(choosePlace(event));
    timeline.focus();
  });
  function followHash() {
    const index = events.findIndex(({ row }) => `#${row.id}` === location.hash);
    if (index >= 0) {
      choose(index);
      reveal(events[index].row);
    }
  }
  addEventListener("hashchange", followHash);

  const attributes = { role: "slider", tabindex: 0, "aria-label": timeline.dataset.label, "aria-valuemin": 1 };
  for (const [name, value] of Object.entries(attributes)) timeline.setAttribute(name, value);
  timeline.setAttribute("aria-valuemax", events.length);
  readout.hidden = track.querySelector(".hint").hidden = false;
  choose(Math.max(0, events.findIndex(({ bar }) => bar.classList.contains("found"))));
  followHash();
}
