// What the reviewer holds or rejects, for `reconcile approve --decisions`.
const panel = document.querySelector("form.decide");
let saved = true;
const tally = () => {
  const of = (word) => [...decisions.values()].filter((each) => each === word).length;
  const found = [[of("hold"), "held"], [of("reject"), "rejected"]].filter(([number]) => number);
  panel.querySelector("output").textContent = found.map(([number, word]) => `${count(number)} ${word}`).join(", ") || "nothing held or rejected";
};
const decide = (chosen, word) => {
  for (const row of chosen) {
    if (row.finding) continue;
    if (word) decisions.set(row.id, word);
    else decisions.delete(row.id);
    const element = document.getElementById(`op-${row.id}`);
    if (element) {
      element.dataset.d = word;
      element.querySelector("select.decision").value = word;
    }
  }
  saved = false;
  tally();
};
const save = () => {
  const listed = operations.filter((row) => decisions.has(row.id)).map((row) => `${row.id},${decisions.get(row.id)}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([["id,decision", ...listed, ""].join("\r\n")], { type: "text/csv" }));
  link.download = `decisions-${panel.dataset.plan}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
  saved = true;
};
if (panel) {
  for (const button of panel.querySelectorAll("[data-all]")) button.addEventListener("click", () => decide(shown, button.dataset.all));
  panel.querySelector("[data-save]").addEventListener("click", save);
  panel.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => {
    if (!saved && decisions.size) event.preventDefault();
  });
  panel.hidden = false;
}
