// The storyboard: big pictures with their times; a click or Enter seeks the player to that time. Each can be pinned or
// dropped, and more or fewer can be asked for. props.value: {key, number, player, ratio, note, wish, pictures}, with
// wish {pictures, pinned: [time], dropped: [time]} | null where nothing can be changed, and pictures [{file: {url}, time,
// text, said, pin, drop}]. `key` is another for each result. Triggers "wish" with all that is wished for by now and its
// number; the value that answers it has that number. One is on its way at a time: what is wished for meanwhile follows.
const STYLE = "@css@";
const WORDS = "@words@";
const MOST = 24;
const MOST_DROPPED = 200;
const ICONS = { pin: "M9 3h6v2l-1 1v4l3 3v2h-4v5l-1 2-1-2v-5H7v-2l3-3V6L9 5z", drop: "M7 5 5 7l5 5-5 5 2 2 5-5 5 5 2-2-5-5 5-5-2-2-5 5z" };
const host = element.querySelector(".avai-board");
const root = host.attachShadow({ mode: "open" });
let wish = null;
let number = 0;
let sent = 0;
let tiles = [];

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

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function ask(change) {
  wish = { ...wish, ...change };
  number += 1;
  mark();
  if (sent === props.value.number) send();
}

function send() {
  sent = number;
  trigger("wish", { number, ...wish });
}

// ---- the line above: how many, and what was dropped ----

const count = () => (number > props.value.number && wish.pictures) || props.value.pictures.length;
const style = make("style");
style.textContent = STYLE;
const bar = make("div", "bar");
const note = make("p", "note");
const many = make("div", "many");
const name = make("span", "name");
const fewer = push("step", () => ask({ pictures: Math.max(count() - 1, 1) }));
const shown = make("output", "count");
const more = push("step", () => ask({ pictures: Math.min(count() + 1, MOST) }));
fewer.textContent = "−";
more.textContent = "+";
many.setAttribute("role", "group");
many.append(name, fewer, shown, more);
const scenes = make("label", "scenes");
const each = make("input");
each.type = "checkbox";
each.addEventListener("change", () => ask({ pictures: each.checked ? 0 : props.value.pictures.length }));
const eachText = make("span");
scenes.append(each, eachText);
const back = push("text", () => ask({ dropped: wish.dropped.slice(0, -1) }));
const allBack = push("text", () => ask({ dropped: [] }));
const busy = make("span", "busy");
busy.setAttribute("role", "status");
bar.append(note, many, scenes, back, allBack, busy);
const grid = make("ul", "board");
root.append(style, bar, grid);

function say() {
  const said = WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
  name.textContent = said.pictures;
  many.setAttribute("aria-label", said.pictures);
  eachText.textContent = said.scenes;
  back.textContent = said.back;
  allBack.textContent = said.all_back;
  for (const [button, word] of [[fewer, "fewer"], [more, "more"]]) {
    button.title = said[word];
    button.setAttribute("aria-label", said[word]);
  }
  return said;
}

// What is wished for by now, before it is answered.
function mark() {
  const said = say();
  const board = props.value;
  const waits = Boolean(wish) && number > board.number;
  note.textContent = board.note;
  note.hidden = !board.note;
  for (const part of [many, scenes, busy]) part.hidden = !wish;
  back.hidden = !wish || !wish.dropped.length;
  allBack.hidden = !wish || wish.dropped.length < 2;
  busy.textContent = waits ? said.busy : "";
  busy.toggleAttribute("data-on", waits);
  if (wish) {
    shown.textContent = String(count());
    each.checked = !wish.pictures;
    fewer.disabled = count() <= Math.max(1, wish.pinned.length);
    // where fewer came than were asked for, there are no more
    more.disabled = count() >= MOST || (!waits && board.pictures.length < wish.pictures);
  }
  for (const { node, time, pin } of tiles) {
    const pinned = Boolean(wish) && wish.pinned.includes(time);
    node.toggleAttribute("data-pinned", pinned);
    node.toggleAttribute("data-going", Boolean(wish) && wish.dropped.includes(time));
    node.toggleAttribute("data-fixed", !wish);
    pin.setAttribute("aria-pressed", String(pinned));
  }
}

// ---- the pictures ----

function act(name, said, press) {
  const button = push(`act ${name}`, press);
  button.title = said;
  button.setAttribute("aria-label", said);
  button.append(icon(name));
  return button;
}

function toggle(time) {
  const { pinned } = wish;
  ask({ pinned: pinned.includes(time) ? pinned.filter((other) => other !== time) : [...pinned, time] });
}

function drop(time) {
  if (wish.dropped.includes(time) || wish.dropped.length >= MOST_DROPPED) return;
  ask({ pinned: wish.pinned.filter((other) => other !== time), dropped: [...wish.dropped, time] });
}

function tile(picture) {
  const node = make("li", "tile");
  const image = make("img");
  image.src = picture.file.url;
  image.alt = "";
  const button = push("picture", () => {
    const player = document.querySelector(`#${CSS.escape(props.value.player)} .avai-player`);
    if (player && player.seek) player.seek(picture.time);
  });
  button.setAttribute("aria-label", picture.said);
  button.append(image, make("span", "time", picture.text));
  const pin = act("pin", picture.pin, () => toggle(picture.time));
  node.append(button, pin, act("drop", picture.drop, () => drop(picture.time)));
  return { node, pin, time: picture.time, key: props.value.key };
}

// A picture that stays keeps its place on the page, so that it neither flickers nor loses the focus.
function draw() {
  const board = props.value;
  host.hidden = !board || !board.pictures || !board.pictures.length;
  if (host.hidden) {
    tiles = [];
    return grid.replaceChildren();
  }
  const another = !tiles.length || tiles[0].key !== board.key;
  if (another || board.number >= number) {
    wish = board.wish;
    number = sent = board.number;
  }
  host.style.setProperty("--ratio", String(board.ratio));
  host.style.setProperty("--wide", `${Math.round(150 * Math.sqrt(board.ratio))}px`);
  const focused = root.activeElement;
  const at = tiles.findIndex(({ node }) => node.contains(focused));
  const known = new Map(another ? [] : tiles.map((each) => [each.time, each]));
  tiles = board.pictures.map((picture) => known.get(picture.time) || tile(picture));
  grid.replaceChildren(...tiles.map(({ node }) => node));
  mark();
  if (number > sent && sent === board.number) send();
  if (at < 0) return;
  const next = focused.isConnected ? focused : tiles[Math.min(at, tiles.length - 1)].node.querySelector(".drop");
  next.focus({ preventScroll: true });
}

draw();
watch("value", draw);
new MutationObserver(() => host.hidden || mark()).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
