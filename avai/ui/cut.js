// The cut: a list of stretches with why each is kept or left out; a press on one flips it, as it does on the strip.
// props.value: {number, player, undo, redo, stretches: [{start, end, text, length, why, kept, hand}]}. Triggers "cut" with
// {act: "flip", index, number}, {act: "range", start, end, kept}, {act: "undo"} or {act: "redo"}. With "only", its player
// skips what is left out, so that the cut is heard and seen before it is rendered.
const STYLE = "@css@";
const WORDS = "@words@";
const host = element.querySelector(".avai-cut");
const root = host.attachShadow({ mode: "open" });
let range = null;
let skipping = null; // the player that was told what to play

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function push(className, act) {
  const node = make("button", className);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

const said = () => WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
const player = () => props.value && document.querySelector(`#${CSS.escape(props.value.player)} .avai-player`);

const style = make("style");
style.textContent = STYLE;
const bar = make("div", "bar");
const only = make("label", "only");
const box = make("input");
box.type = "checkbox";
box.addEventListener("change", skip);
const onlyText = make("span");
only.append(box, onlyText);
const undo = push("text", () => trigger("cut", { act: "undo" }));
const redo = push("text", () => trigger("cut", { act: "redo" }));
const asked = make("div", "asked");
const askedText = make("span", "time");
const keep = push("text", () => give(true));
const drop = push("text", () => give(false));
asked.append(askedText, keep, drop);
bar.append(only, undo, redo, asked);
const hint = make("p", "hint");
const list = make("ol", "list");
list.tabIndex = -1;
root.append(style, bar, hint, list);

// The player plays what is kept and nothing else, while that is wanted.
function skip() {
  const target = player();
  if (!target) return;
  skipping = target;
  const kept = props.value.stretches.filter((each) => each.kept);
  target.only = box.checked ? kept.map(({ start, end }) => [start, end]) : null;
}

function give(kept) {
  if (!range) return;
  trigger("cut", { act: "range", start: range.start, end: range.end, kept });
  range = null;
  mark();
}

function flip(index, number) {
  trigger("cut", { act: "flip", index, number });
}

function mark() {
  const text = said();
  onlyText.textContent = text.only;
  undo.textContent = text.undo;
  redo.textContent = text.redo;
  hint.textContent = text.hint;
  keep.textContent = text.keep_range;
  drop.textContent = text.drop_range;
  undo.hidden = !props.value || !props.value.undo;
  redo.hidden = !props.value || !props.value.redo;
  asked.hidden = !range;
  askedText.textContent = range ? range.text : "";
}

function line(each, index) {
  const node = make("li", each.kept ? "kept" : "dropped");
  node.toggleAttribute("data-hand", each.hand);
  const press = push("flip", () => flip(index, props.value.number));
  press.setAttribute("aria-pressed", String(each.kept));
  const state = make("span", "state", each.kept ? said().kept : said().dropped);
  press.append(make("i", "box"), state, make("span", "time", each.text), make("span", "length", each.length), make("span", "why", each.why));
  const hear = push("hear", () => {
    const target = player();
    if (target && target.hear) target.hear(each.start, each.end);
  });
  hear.title = said().hear;
  hear.setAttribute("aria-label", `${said().hear} ${each.text}`);
  hear.textContent = "▶";
  node.append(press, hear);
  return node;
}

function draw() {
  const cut = props.value;
  host.hidden = !cut || !cut.stretches;
  if (host.hidden) {
    if (skipping) skipping.only = null;
    box.checked = false;
    range = null;
    return list.replaceChildren();
  }
  const at = [...list.children].findIndex((node) => node.contains(root.activeElement));
  const scrolled = list.scrollTop;
  list.replaceChildren(...cut.stretches.map(line));
  list.scrollTop = scrolled;
  mark();
  skip();
  if (at >= 0 && list.children[at]) list.children[at].querySelector(".flip").focus({ preventScroll: true });
}

const mine = (event) => !host.hidden && event.detail.player === props.value.player;
document.addEventListener("avai-flip", (event) => mine(event) && flip(event.detail.index, event.detail.number));
document.addEventListener("avai-range", (event) => {
  if (!mine(event)) return;
  range = event.detail.end > event.detail.start ? event.detail : null;
  mark();
});

// Ctrl+Z and Ctrl+Shift+Z (or Y) anywhere on the page but where somebody writes.
document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const forth = key === "y" || (key === "z" && event.shiftKey);
  const writes = event.composedPath()[0].matches?.("textarea, select, input:not([type=checkbox], [type=radio])");
  if (!(event.ctrlKey || event.metaKey) || (key !== "z" && !forth) || writes || !host.offsetParent) return;
  const button = forth ? redo : undo;
  if (button.hidden) return;
  event.preventDefault();
  button.click();
});

draw();
watch("value", draw);
new MutationObserver(() => host.hidden || draw()).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
