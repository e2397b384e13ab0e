// The part of the time that is in view: zoomed by wheel, pinch, keys and buttons, moved by drag, wheel, keys and a bar
// that shows the whole, and moved along with the playhead.
const CLOSEST = 1; // seconds
const view = { start: 0, end: 1 };
const pointers = new Map();
let dragged = false;
let pinched = null;
let aimed = false; // the pointer came to rest here, rather than the page being scrolled under it
let due = 0;

const span = () => view.end - view.start;
const isWhole = () => span() >= strip.duration - 1e-6;
const share = (time) => `${(100 * Math.min(Math.max((time - view.start) / span(), 0), 1)).toFixed(4)}%`;

function look(start, end) {
  const length = Math.min(Math.max(end - start, Math.min(CLOSEST, strip.duration)), strip.duration);
  const from = Math.min(Math.max(start, 0), strip.duration - length);
  if (from === view.start && from + length === view.end) return false;
  view.start = from;
  view.end = from + length;
  later();
  return true;
}

function later() {
  if (!due) due = requestAnimationFrame(lay);
}

function zoom(factor, around) {
  const middle = around ?? (sees(playing.time) ? playing.time : (view.start + view.end) / 2);
  const length = Math.min(Math.max(span() * factor, Math.min(CLOSEST, strip.duration)), strip.duration);
  const at = (middle - view.start) / span();
  return look(middle - at * length, middle + (1 - at) * length);
}

const move = (seconds) => look(view.start + seconds, view.end + seconds);
const sees = (time) => time >= view.start && time <= view.end;

// Bring a time into view, a tenth from its left edge.
function reveal(time) {
  if (!sees(time)) look(time - 0.1 * span(), time + 0.9 * span());
}

function timeAt(event) {
  const box = parts.axis.getBoundingClientRect();
  return view.start + ((event.clientX - box.left) / box.width) * span();
}

const secondsOf = (pixels) => (pixels / parts.axis.clientWidth) * span();

function onWheel(event) {
  if (!event.target.closest(".lane") || !(aimed || event.ctrlKey)) return;
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
  const lines = event.deltaMode === 1 ? 24 : 1;
  // at the whole, scrolling down is the page's; so is scrolling sideways with nothing to see there
  const moved = sideways ? move(secondsOf(sideways * lines)) : zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY * lines * 0.003))), timeAt(event));
  if (moved || !isWhole()) event.preventDefault();
  hint(event);
}

function onDown(event) {
  if (event.button || !event.target.closest(".lane") || event.target.closest(".mini")) return;
  const lane = event.target.closest(".lane");
  const ranged = Boolean(lane.row) && Number.isInteger(lane.row.flips) && event.pointerType !== "touch";
  pointers.set(event.pointerId, { x: event.clientX, from: event.clientX, range: ranged ? timeAt(event) : null });
  dragged = false;
  pinched = null;
}

function onMove(event) {
  if (event.movementX || event.movementY) aimed = true;
  const pointer = pointers.get(event.pointerId);
  if (!pointer) return;
  const by = event.clientX - pointer.x;
  pointer.x = event.clientX;
  if (pointers.size === 2) {
    const [a, b] = [...pointers.values()].map(({ x }) => x);
    const apart = Math.max(24, Math.abs(a - b));
    const middle = timeAt({ clientX: (a + b) / 2 });
    if (pinched) {
      zoom(pinched.apart / apart, middle);
      move(pinched.middle - timeAt({ clientX: (a + b) / 2 }));
    }
    pinched = { apart, middle: timeAt({ clientX: (a + b) / 2 }) };
    dragged = true;
  } else if (dragged || Math.abs(event.clientX - pointer.from) > 5) {
    if (pointer.range !== null) return choose(event, pointer);
    if (!dragged && !isWhole()) parts.body.setPointerCapture(event.pointerId);
    if (!isWhole()) {
      dragged = true;
      move(-secondsOf(by));
    }
  }
}

// A range of the cut, dragged over its row.
function choose(event, pointer) {
  if (!dragged) parts.body.setPointerCapture(event.pointerId);
  dragged = true;
  const [start, end] = [pointer.range, timeAt(event)].sort((a, b) => a - b).map((time) => Math.min(Math.max(time, 0), strip.duration));
  pointer.chosen = { start, end };
  parts.chosen.hidden = false;
  parts.chosen.style.left = share(start);
  parts.chosen.style.width = `${(100 * (Math.min(end, view.end) - Math.max(start, view.start))) / span()}%`;
}

function onUp(event) {
  const chosen = pointers.get(event.pointerId)?.chosen;
  if (chosen) announce("avai-range", { ...chosen, text: `${clock(chosen.start, 2)} – ${clock(chosen.end, 2)}` });
  else if (parts.chosen) parts.chosen.hidden = true;
  pointers.delete(event.pointerId);
  pinched = null;
}

// A drag is no click.
function afterDrag(event) {
  if (!dragged) return;
  dragged = false;
  event.stopPropagation();
  event.preventDefault();
}

// `around` is the time that stays where it is, when there is one.
function zoomKey(event, around) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "+" || event.key === "=") zoom(0.5, around);
  else if (event.key === "-") zoom(2, around);
  else if (event.key === "0") look(0, strip.duration);
  else if (event.key === "PageDown" && !isWhole()) move(0.8 * span());
  else if (event.key === "PageUp" && !isWhole()) move(-0.8 * span());
  else return false;
  return true;
}

// ---- the bar below: all of the time, and the part of it that is in view ----

function zoomRow() {
  const line = make("div", "row zoom");
  const buttons = make("div", "name buttons");
  const press = (text, word, act) => {
    const button = make("button", "press", text);
    button.type = "button";
    button.title = said(word);
    button.setAttribute("aria-label", said(word));
    button.addEventListener("click", act);
    buttons.append(button);
    return button;
  };
  parts.out = press("−", "farther", () => zoom(2));
  parts.in = press("+", "closer", () => zoom(0.5));
  parts.all = press("↔", "whole", () => look(0, strip.duration));
  parts.mini = make("div", "lane mini");
  parts.mini.tabIndex = 0;
  parts.mini.setAttribute("role", "scrollbar");
  parts.mini.setAttribute("aria-orientation", "horizontal");
  parts.mini.setAttribute("aria-label", said("part"));
  parts.mini.setAttribute("aria-valuemin", "0");
  parts.window = make("div", "window");
  parts.miniHead = make("div", "minihead");
  const wave = strip.rows.find((row) => row.kind === "wave");
  if (wave) {
    parts.miniWave = { canvas: make("canvas"), row: { ...wave, sounds: [] } };
    parts.mini.append(parts.miniWave.canvas);
  }
  parts.mini.append(parts.window, parts.miniHead);
  const go = (event) => {
    const box = parts.mini.getBoundingClientRect();
    const middle = ((event.clientX - box.left) / box.width) * strip.duration;
    look(middle - span() / 2, middle + span() / 2);
  };
  parts.mini.addEventListener("pointerdown", (event) => {
    parts.mini.setPointerCapture(event.pointerId);
    go(event);
  });
  parts.mini.addEventListener("pointermove", (event) => {
    if (event.buttons) go(event);
  });
  parts.mini.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -0.2, ArrowRight: 0.2, Home: -Infinity, End: Infinity }[event.key];
    if (!by) return;
    event.preventDefault();
    if (Number.isFinite(by)) move(by * span());
    else look(by < 0 ? 0 : strip.duration - span(), by < 0 ? span() : strip.duration);
  });
  line.append(buttons, parts.mini);
  return line;
}

function layZoom() {
  const of = (time) => `${((100 * time) / strip.duration).toFixed(3)}%`;
  parts.window.style.left = of(view.start);
  parts.window.style.width = of(span());
  parts.body.toggleAttribute("data-zoomed", !isWhole());
  parts.out.disabled = parts.all.disabled = isWhole();
  parts.in.disabled = span() <= CLOSEST;
  parts.mini.setAttribute("aria-valuemax", String(Math.max(0, strip.duration - span()).toFixed(1)));
  parts.mini.setAttribute("aria-valuenow", view.start.toFixed(1));
  parts.mini.setAttribute("aria-valuetext", `${clock(view.start, 1)} – ${clock(view.end, 1)}`);
  if (parts.miniWave) paintWave(parts.miniWave.canvas, parts.miniWave.row, 0, { start: 0, end: strip.duration }, later);
}
