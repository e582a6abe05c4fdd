// Which rows are shown, and in what order.
const MOST_CHOICES = 500;
const hasRun = Boolean(document.querySelector("#order option[value=outcome]"));
const facets = [
  { name: "look", label: "Look at", of: lookAt },
  { name: "what", label: "Change", of: (row) => [row.place[1]], words: (row) => row.place[2] },
  { name: "target", label: "Target", of: (row) => [row.place[0]] },
  { name: "department", label: "Department", of: (row) => [department(row)] },
  { name: "group", label: "Group", of: (row) => [row.group] },
  { name: "reason", label: "Reason", of: (row) => [row.finding ? "" : row.rule] },
  ...(hasRun ? [{ name: "outcome", label: "Outcome", of: (row) => [outcome(row)] }] : []),
];
const state = { words: [], chosen: {}, order: "", down: false, grouping: "", page: 0 };

const choices = (facet) => {
  const counts = new Map();
  const labels = new Map();
  for (const row of rows) {
    for (const value of facet.of(row)) {
      if (!value) continue;
      counts.set(value, (counts.get(value) || 0) + 1);
      if (facet.words && !labels.has(value)) labels.set(value, facet.words(row));
    }
  }
  return [...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1))
    .map(([value, count]) => ({ value, label: `${labels.get(value) || value} (${count.toLocaleString("en")})`, count }));
};

const fits = (row) => {
  for (const facet of facets) {
    const wanted = state.chosen[facet.name];
    if (wanted && !facet.of(row).includes(wanted)) return false;
  }
  return state.words.every((word) => text(row).includes(word));
};

const KEYS = {
  who: (row) => who(row).toLowerCase(),
  target: (row) => row.place[0],
  what: (row) => row.place[2],
  department: (row) => department(row),
  outcome: (row) => outcome(row),
};
const inOrder = (found) => {
  const key = KEYS[state.order];
  if (!key) return state.down ? [...found].reverse() : found;
  const keyed = found.map((row) => [key(row), row]);
  const sign = state.down ? -1 : 1;
  keyed.sort(([one, first], [other, second]) => (one < other ? -sign : one > other ? sign : first.order - second.order));
  return keyed.map(([, row]) => row);
};

const GROUPS = {
  person: (row) => [row.person[2] || row.person[3] || who(row), [row.person[0], row.person[1]].filter(Boolean).join(" ") || "no person"],
  reason: (row) => [row.reason, row.reason],
  department: (row) => [department(row), department(row) || "unknown department"],
  group: (row) => [row.group, row.group || "no group"],
};
// Rows of one group stand together, in the order in which the groups are met; `heads` has the first row of each.
const grouped = (found) => {
  const of = GROUPS[state.grouping];
  if (!of) return { shown: found, heads: new Map() };
  const held = new Map();
  for (const row of found) {
    const [key, label] = of(row);
    if (!held.has(key)) held.set(key, { label, rows: [] });
    held.get(key).rows.push(row);
  }
  const heads = new Map();
  for (const group of held.values()) for (const row of group.rows) heads.set(row, group);
  return { shown: [...held.values()].flatMap((group) => group.rows), heads };
};
