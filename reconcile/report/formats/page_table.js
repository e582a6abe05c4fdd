// The table: it has the rows of one page, and nothing of the others.
const PAGE = 100;
const PRINTED = 400;
const FOLDED_AFTER = 3;
const table = document.getElementById("table");
const body = table && table.tBodies[0];
const columns = table && table.tHead.rows[0].cells.length;
const decidable = Boolean(document.querySelector("form.decide"));
const decisions = new Map();
const opened = new Set();
let shown = rows;
let heads = new Map();

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};
const cell = (number) => {
  const value = values[number];
  if (value === "" || (value[0] === 1 && value.length === 1)) return make("i", "tag", "empty text");
  if (typeof value === "string") return make("bdi", "v", value);
  const element = make("bdi", value[0] ? "v" : "tag");
  for (let at = 1; at < value.length; at += 2) {
    element.append(value[at + 1] === 0 ? value[at] : make(value[at + 1] === 1 ? "mark" : "i", value[at + 1] === 2 ? "cut" : "", value[at]));
  }
  return element;
};
const lines = (row, from, to) => {
  const found = [];
  const changes = unfolded(row.changes);
  for (let at = 3 * from; at < Math.min(3 * to, changes.length); at += 3) {
    const [label, old, now] = changes.slice(at, at + 3);
    const line = make("div", "ch", make("b", "", label), " ");
    if (old >= 0) line.append(make("span", "old", cell(old)), " ", make("span", "to", "→"), " ");
    line.append(make("span", old >= 0 ? "new" : "set", cell(now)));
    found.push(line);
  }
  return found;
};
const badges = (row) => lookAt(row).filter((label) => label !== ENDS && label !== FAILED).map((label) => make("span", label === "privileged" || label === "cannot be undone" ? "badge bad" : "badge warn", label));
const spaced = (elements) => elements.flatMap((element) => [" ", element]);

const known = (row) => {
  const found = [];
  if (row.person[0]) found.push(make("bdi", "", row.person[0]));
  if (row.person[1] && row.person[1] !== row.person[0]) found.push(make("bdi", "name", row.person[1]));
  if (department(row)) found.push(make("small", "", department(row)));
  if (row.id) {
    const link = make("a", "id", row.id);
    link.href = `#op-${row.id}`;
    found.push(link);
  }
  return spaced(found).slice(1);
};
const pairs = (row) => {
  const situation = row.finding ? "" : row.rule.split(" · ")[0];
  const rest = lines(row, FOLDED_AFTER, Infinity);
  const links = row.after.flatMap((id) => {
    if (!byId.has(id)) return [make("code", "", id), " "];
    const link = make("a", "", id);
    link.href = `#op-${id}`;
    return [link, " "];
  });
  return [
    ["Reason", row.finding ? [] : [row.reason]],
    ["What to do", row.finding ? [row.rule] : []],
    ["Rule", row.finding ? [] : [row.rule]],
    [situation, data.situations[situation] ? [data.situations[situation]] : []],
    ["More values", rest],
    ["Outcome", row.outcome && values[row.outcome[2]] ? [values[row.outcome[2]]] : []],
    ["After", links],
    ["Person", row.person[2] ? [make("bdi", "", row.person[2])] : []],
    ["Account", row.person[3] ? [make("bdi", "", row.person[3])] : []],
  ].filter(([, content]) => content.length);
};
const detail = (row) => {
  const list = make("dl");
  for (const [term, content] of pairs(row)) list.append(make("dt", "", term), make("dd", "", ...content));
  const place = make("td", "", list);
  place.colSpan = columns;
  const element = make("tr", "more", place);
  element.id = `more-${row.order}`;
  return element;
};
const toggle = (row, button) => {
  const open = !opened.has(row);
  if (open) opened.add(row);
  else opened.delete(row);
  button.setAttribute("aria-expanded", String(open));
  const element = button.closest("tr");
  if (open) element.after(detail(row));
  else element.nextElementSibling.remove();
};
const whyButton = (row) => {
  const button = make("button", "why", "Why");
  button.type = "button";
  button.setAttribute("aria-expanded", String(opened.has(row)));
  button.setAttribute("aria-label", `Why: ${row.id || who(row) || row.place[2]}`);
  button.addEventListener("click", () => toggle(row, button));
  return button;
};
const choice = (row) => {
  if (row.finding) return make("td", "d");
  const select = make("select", "decision", new Option("apply", ""), new Option("hold", "hold"), new Option("reject", "reject"));
  select.setAttribute("aria-label", `Decision about ${row.id}`);
  select.value = decisions.get(row.id) || "";
  select.addEventListener("change", () => decide([row], select.value));
  return make("td", "d", select);
};
const ended = (row) => {
  const place = make("td", "");
  if (row.finding) return place;
  place.append(make("span", row.outcome && row.outcome[1] ? "badge bad" : "quiet", outcome(row)));
  if (row.outcome && values[row.outcome[2]]) place.append(" ", make("small", "", values[row.outcome[2]]));
  return place;
};
const drawn = (row) => {
  const what = make("td", "", row.place[2], ...spaced(badges(row)));
  const count = unfolded(row.changes).length / 3;
  const change = make("td", "w", ...(row.finding ? [row.reason] : lines(row, 0, FOLDED_AFTER)));
  if (count > FOLDED_AFTER) change.append(make("small", "", `and ${count - FOLDED_AFTER} more`));
  const element = make("tr", `r${row.flags & FOLLOWS && !state.order && !state.grouping ? " follows" : ""}${row.finding ? " finding" : ""}`);
  if (decidable) element.append(choice(row));
  element.append(make("td", "who", ...known(row)), make("td", "", row.place[0]), what, change);
  if (hasRun) element.append(ended(row));
  element.append(make("td", "y", whyButton(row)));
  if (row.id) {
    element.id = `op-${row.id}`;
    element.dataset.d = decisions.get(row.id) || "";
  }
  return element;
};
const head = (group) => {
  const title = make("th", "", make("bdi", "", group.label), " ", make("span", "count", group.rows.length.toLocaleString("en")));
  title.colSpan = columns;
  title.scope = "colgroup";
  return make("tr", "head", title);
};
const draw = (from, to) => {
  const fragment = document.createDocumentFragment();
  let last;
  for (const row of shown.slice(from, to)) {
    const group = heads.get(row);
    if (group && group !== last) fragment.append(head(group));
    last = group;
    fragment.append(drawn(row));
    if (opened.has(row)) fragment.append(detail(row));
  }
  body.replaceChildren(fragment);
};
const count = (number) => number.toLocaleString("en");
const drawPage = () => {
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  state.page = Math.min(Math.max(0, state.page), pages - 1);
  draw(state.page * PAGE, (state.page + 1) * PAGE);
  const pager = document.querySelector(".pager");
  pager.hidden = pages === 1;
  document.getElementById("page").textContent = `Page ${count(state.page + 1)} of ${count(pages)}`;
  pager.querySelector("[data-page='-1']").disabled = state.page === 0;
  pager.querySelector("[data-page='1']").disabled = state.page === pages - 1;
};
const show = () => {
  const found = rows.filter(fits);
  ({ shown, heads } = grouped(inOrder(found)));
  const some = shown.length < rows.length ? `${count(shown.length)} of ` : "";
  document.getElementById("shown").textContent = `${some}${count(rows.length)} rows`;
  for (const place of table.querySelectorAll("th[data-sort]")) {
    const sorted = place.dataset.sort === state.order;
    if (sorted) place.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else place.removeAttribute("aria-sort");
  }
  drawPage();
};
