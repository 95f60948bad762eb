"use strict";
// Opens the section that is asked for, searches the table of students, and sorts it.
const table = document.getElementById("students");
const body = table.tBodies[0];

function open(hash) {
  const section = document.getElementById(hash.slice(1));
  if (section instanceof HTMLDetailsElement) {
    section.hidden = false;
    section.open = true;
    section.firstElementChild.focus();
    section.scrollIntoView();
  }
}
addEventListener("hashchange", () => open(location.hash));
// A link to where one is already changes no address.
addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) open(link.hash);
});
open(location.hash);

// Each row, its section below, and the text to search.
const rows = Array.from(body.rows, (row) => {
  const section = document.getElementById(row.querySelector("a").hash.slice(1));
  return [row, section, `${row.textContent} ${row.dataset.failed}`.toLowerCase()];
});
const search = document.getElementById("search");
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/);
  let count = 0;
  for (const [row, section, text] of rows) {
    row.hidden = section.hidden = !words.every((word) => text.includes(word));
    count += !row.hidden;
  }
  document.getElementById("found").textContent = `${count} of ${rows.length}`;
});

function compare(kind, a, b) {
  if (kind === "text") return a.localeCompare(b, undefined, { numeric: true });
  const number = (text) => (text === "" ? -1 : parseFloat(text)); // no score is less than 0
  return number(a) - number(b);
}

for (const button of table.querySelectorAll("th button")) {
  const head = button.parentElement;
  button.addEventListener("click", () => {
    const up = head.ariaSort !== "ascending";
    for (const other of head.parentElement.cells) other.ariaSort = null;
    head.ariaSort = up ? "ascending" : "descending";
    const value = (row) => row.cells[head.cellIndex].textContent;
    const sorted = Array.from(body.rows).sort(
      (a, b) => (up ? 1 : -1) * compare(button.dataset.sort, value(a), value(b)),
    );
    body.append(...sorted);
  });
}
