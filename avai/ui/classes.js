// What there is to learn from: a row for each class with a bar of its clips and a button that takes it out, then what
// is left out and why. props.value: {title, open, heads: [..4], rows: [{label, name, clips, length, sources, share,
// remove}], gone: {title, back: [{label, name, said}]}, left: {title, rows: [{name, why}]}}. Triggers "remove" and
// "back" with {label}.
const STYLE = "@css@";
const host = element.querySelector(".avai-classes");
const root = host.attachShadow({ mode: "open" });

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function head(names) {
  const row = make("tr");
  for (const name of names) {
    const cell = make("th", "", name);
    cell.scope = "col";
    row.append(cell);
  }
  row.append(make("td"));
  const group = make("thead");
  group.append(row);
  return group;
}

function line(each) {
  const row = make("tr");
  const name = make("th", "name", each.name);
  name.scope = "row";
  const cell = make("td");
  const clips = make("div", "clips");
  const bar = make("i");
  const full = make("b");
  full.style.width = `${100 * each.share}%`;
  bar.append(full);
  clips.append(make("span", "", each.clips), bar);
  cell.append(clips);
  const end = make("td", "end");
  const button = make("button", "remove", "×");
  button.type = "button";
  button.title = each.remove;
  button.setAttribute("aria-label", each.remove);
  button.addEventListener("click", () => trigger("remove", { label: each.label }));
  end.append(button);
  row.append(name, cell, make("td", "number", each.length), make("td", "number", each.sources), end);
  return row;
}

function gone(given) {
  const box = make("p", "gone", given.title + " ");
  for (const each of given.back) {
    const button = make("button", "back", each.name);
    button.type = "button";
    button.setAttribute("aria-label", each.said);
    button.title = each.said;
    button.addEventListener("click", () => trigger("back", { label: each.label }));
    box.append(button);
  }
  return box;
}

function left(given) {
  const box = make("details", "left");
  const list = make("ul");
  for (const each of given.rows) {
    const item = make("li");
    item.append(make("b", "", each.name), make("span", "", each.why));
    list.append(item);
  }
  box.append(make("summary", "", given.title), list);
  return box;
}

function draw() {
  root.replaceChildren();
  const given = props.value;
  host.hidden = !given;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  const box = make("details", "all");
  box.open = given.open;
  const table = make("table");
  const body = make("tbody");
  body.append(...given.rows.map(line));
  table.append(head(given.heads), body);
  box.append(make("summary", "", given.title));
  const rows = make("div", "rows");
  rows.append(table);
  if (given.rows.length) box.append(rows);
  if (given.gone) box.append(gone(given.gone));
  if (given.left) box.append(left(given.left));
  root.append(style, box);
}

draw();
watch("value", draw);
