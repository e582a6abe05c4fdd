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

  const decide = document.querySelector("form.decide");
  if (decide) {
    const rows = groups.flatMap((each) => each.rows);
    const panel = decide.querySelector("span");
    const tally = panel.querySelector("output");
    const idOf = (row) => row.id.slice(3);
    const count = () => {
      const of = (word) => rows.reduce((sum, row) => sum + (row.dataset.d === word), 0);
      const found = [[of("hold"), "held"], [of("reject"), "rejected"]].filter(([number]) => number);
      tally.textContent = found.map(([number, word]) => `${number.toLocaleString()} ${word}`).join(", ") || "nothing held or rejected";
    };
    const set = (row, word) => {
      row.dataset.d = word;
      row.querySelector("select.decision").value = word;
    };
    decide.querySelector("[data-decide]").addEventListener("click", (event) => {
      // What is searched is the text of before.
      rows.forEach(text);
      const options = [["", "apply"], ["hold", "hold"], ["reject", "reject"]];
      const choice = document.createElement("select");
      choice.className = "decision";
      choice.append(...options.map(([value, label]) => new Option(label, value)));
      for (const row of rows) {
        const own = choice.cloneNode(true);
        own.setAttribute("aria-label", `Decision about ${idOf(row)}`);
        row.cells[0].append(" ", own);
        row.dataset.d = "";
      }
      event.target.hidden = true;
      panel.hidden = false;
    });
    document.addEventListener("change", (event) => {
      if (!event.target.matches("select.decision")) return;
      event.target.closest(".r").dataset.d = event.target.value;
      count();
    });
    for (const button of panel.querySelectorAll("[data-all]"))
      button.addEventListener("click", () => {
        for (const row of rows) if (!row.hidden) set(row, button.dataset.all);
        count();
      });
    panel.querySelector("[data-save]").addEventListener("click", () => {
      const lines = rows.filter((row) => row.dataset.d).map((row) => `${idOf(row)},${row.dataset.d}`);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([["id,decision", ...lines, ""].join("\r\n")], { type: "text/csv" }));
      link.download = `decisions-${decide.dataset.plan}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
    decide.hidden = false;
  }
}
window.addEventListener("beforeprint", () => {
  for (const fold of folds) fold.open = true;
});
