"use strict";
const bar = document.querySelector(".bar");
const folds = [...document.querySelectorAll("details")];
if (bar) {
  const search = bar.querySelector("input");
  const target = bar.querySelector("select");
  const shown = bar.querySelector("output");
  const groups = [...document.querySelectorAll("#operations ~ .group")].map((group) => ({ group, rows: [...group.querySelectorAll(".r")] }));
  const total = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const texts = new Map();
  const text = (row) => texts.get(row) ?? texts.set(row, row.textContent.toLowerCase()).get(row);
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = target ? target.value : "";
    let count = 0;
    for (const { group, rows } of groups) {
      let left = 0;
      for (const row of rows) {
        const fits = (!wanted || row.dataset.t === wanted) && words.every((word) => text(row).includes(word));
        row.hidden = !fits;
        left += fits;
      }
      group.hidden = !left;
      count += left;
    }
    shown.textContent = count === total ? "" : `${count.toLocaleString()} of ${total.toLocaleString()} shown`;
  };
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  if (target) target.addEventListener("change", filter);
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
  });
  const button = bar.querySelector("[data-open]");
  button.addEventListener("click", () => {
    const open = button.textContent === "Unfold all";
    for (const fold of folds) fold.open = open;
    button.textContent = open ? "Fold all" : "Unfold all";
  });
  window.addEventListener("hashchange", () => {
    const row = document.getElementById(location.hash.slice(1));
    if (row && row.closest("[hidden]")) {
      search.value = "";
      if (target) target.value = "";
      filter();
      row.scrollIntoView();
    }
  });
  bar.hidden = false;
}
window.addEventListener("beforeprint", () => {
  for (const fold of folds) fold.open = true;
});
