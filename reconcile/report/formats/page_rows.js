// The rows of the page: operations, then findings, from the embedded data. All of it is text, and is drawn as text.
const data = JSON.parse(document.getElementById("data").textContent);
const { values, people, places } = data;
const [PRIVILEGED, IRREVERSIBLE, ENDING, UNUSUAL, FOLLOWS] = [1, 2, 4, 8, 16];

// Of a new account the labels stand together: -1, the labels, then the cells.
const unfolded = (changes) => (changes[0] === -1 ? changes.slice(2).flatMap((cell, at) => [values[changes[1]][at + 1], -1, cell]) : changes.map((number, at) => (at % 3 ? number : values[number])));
const operations = data.rows.map(([id, place, person, reason, rule, flags, group, changes, after, outcome]) => ({
  id, place: places[place], person: people[person], reason: values[reason], rule: values[rule], flags, group: values[group], changes, after, outcome,
}));
const findings = data.findings.map(([place, urgent, person, message, meaning]) => ({
  finding: true, urgent, place: places[place], person: people[person], reason: values[message], rule: values[meaning], flags: 0, group: "", changes: [], after: [],
}));

const rankOf = (row) => {
  if (row.outcome && row.outcome[1]) return 0;
  if (row.finding) return row.urgent ? 4 : 7;
  if (row.flags & IRREVERSIBLE) return 1;
  if (row.flags & PRIVILEGED) return 2;
  if (row.flags & ENDING) return 3;
  return row.flags & UNUSUAL ? 5 : 6;
};
let before = 0;
for (const row of operations) {
  // What goes with an account stays behind the row that ends it.
  row.rank = row.flags & FOLLOWS && !(row.outcome && row.outcome[1]) ? before : rankOf(row);
  before = row.rank;
}
for (const row of findings) row.rank = rankOf(row);
const rows = [...operations, ...findings].sort((one, other) => one.rank - other.rank);
rows.forEach((row, order) => { row.order = order; });
const byId = new Map(operations.map((row) => [row.id, row]));

const plain = (cell) => (typeof cell === "string" ? cell : cell.filter((_, index) => index % 2).join(""));
const who = (row) => row.person[0] || row.person[1];
const department = (row) => values[row.person[4]];
const outcome = (row) => (row.outcome ? values[row.outcome[0]] : row.finding ? "" : "without an outcome");
const [ENDS, FAILED] = ["ends an account", "failed or unknown"];
const lookAt = (row) => [
  row.flags & IRREVERSIBLE && "cannot be undone", row.flags & PRIVILEGED && "privileged", row.flags & ENDING && ENDS,
  row.flags & UNUSUAL && "more than usual", row.finding && row.urgent && "finding for attention", row.outcome && row.outcome[1] && FAILED,
].filter(Boolean);

const text = (row) => {
  if (row.text === undefined) {
    const cells = unfolded(row.changes).map((part) => (typeof part === "string" ? part : part < 0 ? "" : plain(values[part])));
    const result = row.outcome ? [values[row.outcome[0]], values[row.outcome[2]]] : [];
    row.text = [row.id || "", ...row.person.slice(0, 4), department(row), ...row.place, row.reason, row.rule, row.group, ...cells, ...result, ...lookAt(row)].join("\n").toLowerCase();
  }
  return row.text;
};
