// Puts the controls to work. Without scripts none of them is there.
const restart = () => {
  state.page = 0;
  show();
};
const addFacet = (facet) => {
  const found = choices(facet);
  if (!found.length || (found.length === 1 && found[0].count === rows.length)) return;
  const select = make("select", "", new Option("all", ""), ...found.slice(0, MOST_CHOICES).map((each) => new Option(each.label, each.value)));
  if (found.length > MOST_CHOICES) {
    const rest = new Option(`${count(found.length - MOST_CHOICES)} more: use the search`, "-");
    rest.disabled = true;
    select.append(rest);
  }
  select.id = `facet-${facet.name}`;
  select.addEventListener("change", () => {
    state.chosen[facet.name] = select.value;
    restart();
  });
  document.getElementById("facets").append(make("label", "", `${facet.label} `, select));
};
const choose = (name, value) => {
  state.chosen[name] = value;
  const select = document.getElementById(`facet-${name}`);
  if (select) select.value = value;
};
const clear = () => {
  for (const facet of facets) choose(facet.name, "");
  document.getElementById("search").value = "";
  state.words = [];
};
const open = () => {
  const row = byId.get(location.hash.slice(4));
  if (!location.hash.startsWith("#op-") || !row) return;
  if (!shown.includes(row)) {
    clear();
    show();
  }
  state.page = Math.floor(shown.indexOf(row) / PAGE);
  opened.add(row);
  drawPage();
  const element = document.getElementById(`op-${row.id}`);
  element.classList.add("found");
  element.scrollIntoView({ block: "center" });
  element.querySelector(".why").focus({ preventScroll: true });
};
const start = () => {
  const search = document.getElementById("search");
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      restart();
    }, 120);
  });
  facets.forEach(addFacet);
  if (!document.getElementById("facet-department")) for (const option of document.querySelectorAll("option[value=department]")) option.remove();
  if (!document.getElementById("facet-group")) for (const option of document.querySelectorAll("#grouping option[value=group]")) option.remove();
  const order = document.getElementById("order");
  order.addEventListener("change", () => {
    Object.assign(state, { order: order.value, down: false });
    restart();
  });
  document.getElementById("grouping").addEventListener("change", (event) => {
    state.grouping = event.target.value;
    restart();
  });
  for (const place of table.querySelectorAll("th[data-sort]")) {
    const button = make("button", "sort", place.textContent);
    button.type = "button";
    button.addEventListener("click", () => {
      state.down = state.order === place.dataset.sort && !state.down;
      state.order = place.dataset.sort;
      order.value = state.order;
      restart();
    });
    place.replaceChildren(button);
  }
  document.getElementById("reset").addEventListener("click", () => {
    clear();
    restart();
  });
  for (const button of document.querySelectorAll(".pager button")) {
    button.addEventListener("click", () => {
      state.page += Number(button.dataset.page);
      drawPage();
      table.scrollIntoView();
    });
  }
  for (const button of document.querySelectorAll("[data-what]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      clear();
      choose("what", button.dataset.what);
      choose("target", button.dataset.target || "");
      restart();
      document.getElementById("rows").scrollIntoView();
    });
  }
  const bar = document.querySelector("form.bar");
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.hidden = false;
  table.hidden = false;
  show();
  open();
  window.addEventListener("hashchange", open);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    search.focus();
  });
  window.addEventListener("beforeprint", () => {
    draw(0, PRINTED);
    const left = shown.length - PRINTED;
    document.getElementById("unprinted").textContent = left > 0 ? `${count(left)} more rows are not printed: filter them, or use reconcile report --format csv.` : "";
  });
  window.addEventListener("afterprint", () => {
    document.getElementById("unprinted").textContent = "";
    drawPage();
  });
};
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = "Copied";
  });
}
if (table) start();
document.documentElement.dataset.ready = "yes";
