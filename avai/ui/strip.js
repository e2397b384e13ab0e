// The time strip: rows on one time axis, a playhead that follows its player, and spans that are heard when pressed.
// props.value: {duration, player, label, titled, rows: [row]}, where a row has a `name` and one of these kinds:
//   film   {sheets: [{file: {url}, tiles}], cells: [[sheet, tile] | null, ...]}  pictures, evenly over the duration
//   wave   {peaks: [0..1, ...], loudest, sounds: [{file, bytes, rate}]}          peaks are evenly over the duration
//   mel    {sounds: [{file, parts, columns, tile, overview}], black, white, ticks: [{hertz, height}]}
//   curve  {values: [0..1, ...], marked: [time, ...]}                            values are evenly over the duration
//   ticks  {times: [...], look}          spans  {worded, spans: [{start, end, look, text, confidence}]}
//   moments {moments: [{time, text}]}
// `sounds` are a clip's own sound and its other versions, as a `SoundDrawing` has them; the row shows the one that plays.
// Everything that a file says goes in as text, never as HTML. Works by mouse, touch and keys.
const STYLE = "@css@";
const WORDS = "@words@";
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const host = element.querySelector(".avai-strip");
const root = host.attachShadow({ mode: "open" });
let strip = null;
let parts = {};
let lanes = [];
let playing = { time: 0, version: 0 };

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function said(word) {
  return WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"][word];
}

function clock(seconds, digits) {
  const scale = 10 ** digits;
  const whole = Math.round(Math.max(0, seconds) * scale) / scale;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

function player() {
  return strip && document.querySelector(`#${CSS.escape(strip.player)} .avai-player`);
}

function seek(time) {
  const target = player();
  if (target && target.seek) target.seek(Math.min(Math.max(time, 0), strip.duration));
  stand(time);
}

function stand(time) {
  playing.time = time;
  if (!parts.head) return;
  parts.head.style.left = share(time);
  parts.head.hidden = !sees(time);
  parts.miniHead.style.left = `${((100 * time) / strip.duration).toFixed(3)}%`;
  parts.now.textContent = `${clock(time, 1)} / ${clock(strip.duration, 1)}`;
  for (const slider of root.querySelectorAll("[role='slider']")) {
    slider.setAttribute("aria-valuenow", time.toFixed(1));
    slider.setAttribute("aria-valuetext", parts.now.textContent);
  }
}

// ---- axis, keys, pointer ----

function lay() {
  cancelAnimationFrame(due);
  due = 0;
  const width = strip && parts.axis ? parts.axis.clientWidth : 0;
  if (!width) return;
  const step = STEPS.find((each) => (each / span()) * width >= 56) || STEPS.at(-1);
  parts.axis.replaceChildren();
  for (let index = Math.ceil(view.start / step - 1e-9); index * step < view.end; index++) {
    if (index * step > view.start && ((view.end - index * step) / span()) * width < 44) break; // no room for its words
    const mark = make("i", "mark", clock(index * step, step < 1 ? 1 : 0));
    mark.style.left = share(index * step);
    parts.axis.append(mark);
  }
  const here = root.activeElement;
  const lane = here && here.mark && here.parentElement;
  for (const each of lanes) each();
  // a span that went out of view hands the focus on: the keys go on working
  if (lane && !here.isConnected) (lane.querySelector(".span") || root.querySelector(".span") || parts.mini).focus({ preventScroll: true });
  if (!root.querySelector(".span[tabindex='0']")) {
    const first = root.querySelector(".span");
    if (first) first.tabIndex = 0;
  }
  layZoom();
  stand(playing.time);
}

function focusOn(lane, mark) {
  lane.wanted = mark;
  if (!mark.node || !mark.node.isConnected) {
    if (mark.end <= view.start || mark.start >= view.end) look(mark.start - 0.1 * span(), mark.start + 0.9 * span());
    lay();
  }
  for (const other of root.querySelectorAll(".span[tabindex='0']")) other.tabIndex = -1;
  mark.node.tabIndex = 0;
  mark.node.focus({ preventScroll: true });
}

const isSlider = (node) => node.getAttribute && node.getAttribute("role") === "slider";

function step(event) {
  const here = event.target.closest && event.target.closest(".span");
  const around = here && (Math.max(here.mark.start, view.start) + Math.min(here.mark.end, view.end)) / 2;
  if (zoomKey(event, around)) return event.preventDefault();
  const handled = here ? walk(event.key, here) : isSlider(event.target) && steer(event.key, event.target);
  if (handled) event.preventDefault();
}

// The keys of a span: to its neighbours, to the rows beside its own. Gives whether the key is one of them.
function walk(key, here) {
  const lane = here.parentElement;
  const at = lane.marks.indexOf(here.mark);
  const next = { ArrowRight: lane.marks[at + 1], ArrowLeft: lane.marks[at - 1], Home: lane.marks[0], End: lane.marks.at(-1) };
  if (key in next) {
    if (next[key]) focusOn(lane, next[key]);
  } else if (key === "ArrowDown" || key === "ArrowUp") cross(lane, key, here.mark.start);
  else if (key === " ") toggle();
  else return false;
  return true;
}

// The keys of a curve: the playhead along it.
function steer(key, lane) {
  const to = { ArrowRight: playing.time + lane.step, ArrowLeft: playing.time - lane.step, Home: 0, End: strip.duration };
  if (key in to) {
    const time = Math.min(Math.max(to[key], 0), strip.duration);
    seek(time);
    reveal(time);
  } else if (key === "ArrowDown" || key === "ArrowUp") cross(lane, key, playing.time);
  else if (key === "Enter" || key === " ") toggle();
  else return false;
  return true;
}

function toggle() {
  const target = player();
  if (target && target.toggle) target.toggle();
}

// Into the row above or below, near a time.
function cross(lane, key, time) {
  const rows = [...root.querySelectorAll(".lane")].filter((each) => isSlider(each) || (each.marks && each.marks.length));
  const into = rows[rows.indexOf(lane) + (key === "ArrowDown" ? 1 : -1)];
  if (!into) return;
  const near = (mark) => Math.abs(mark.start - time);
  if (isSlider(into)) into.focus({ preventScroll: true });
  else focusOn(into, into.marks.reduce((a, b) => (near(b) < near(a) ? b : a)));
}

// What is under the pointer: a span's words, or the time, with the frequency or the level there.
function told(event, time) {
  const over = event.target.closest && event.target.closest(".span");
  if (over) return over.dataset.said;
  const lane = event.target.closest && event.target.closest(".lane");
  const said = clock(time, span() < 20 ? 2 : 1);
  if (!lane || !lane.row) return said;
  if (lane.row.kind === "mel") {
    const box = lane.getBoundingClientRect();
    return `${said} · ${frequency(lane.row.ticks, 1 - (event.clientY - box.top) / box.height)}`;
  }
  if (lane.row.kind === "wave") {
    const each = span() / lane.clientWidth;
    const details = detailsOf(lane.row, playing.version, view, later);
    const [low, high] = level(lane.row, playing.version, time - each / 2, time + each / 2, details);
    const peak = Math.max(-low, high);
    return peak > 0 ? `${said} · ${(20 * Math.log10(peak)).toFixed(1).replace("-", "−")} dB` : said;
  }
  return said;
}

// The mel axis is even in log(1 + f / 700): two ticks tell it all.
function frequency(ticks, height) {
  const [a, b] = [ticks[0], ticks.at(-1)].map((tick) => ({ at: tick.height, mel: Math.log1p(tick.hertz / 700) }));
  const hertz = 700 * Math.expm1(a.mel + ((height - a.at) / (b.at - a.at)) * (b.mel - a.mel));
  return hertz < 1000 ? `${Math.round(Math.max(0, hertz) / 10) * 10} Hz` : `${(hertz / 1000).toFixed(1)} kHz`;
}

function hint(event) {
  const box = parts.body.getBoundingClientRect();
  const time = timeAt(event);
  if (time < view.start || time > view.end || !event.target.closest(".row:not(.zoom)")) return parts.tip.removeAttribute("data-on");
  parts.tip.textContent = told(event, time);
  parts.tip.setAttribute("data-on", "");
  const left = Math.min(Math.max(event.clientX - box.left, 60), box.width - 60);
  parts.tip.style.left = `${left}px`;
  parts.tip.style.top = `${event.clientY - box.top - 34}px`;
}

// Where the keys were before the strip is drawn anew: the row and the time of a span.
function standsOn() {
  const here = root.activeElement;
  return here && here.mark && { name: here.parentElement.row.name, time: here.mark.start };
}

function standOn(kept) {
  const lane = kept && [...root.querySelectorAll(".lane")].find((each) => each.row && each.row.name === kept.name && each.marks);
  const mark = lane && lane.marks.find((each) => each.start <= kept.time && kept.time < each.end);
  if (mark) focusOn(lane, mark);
}

function draw() {
  const before = strip;
  const kept = before && standsOn();
  root.replaceChildren();
  strip = props.value && props.value.duration ? props.value : null;
  parts = {};
  lanes = [];
  host.hidden = !strip;
  if (!strip) return;
  if (!before || before.duration !== strip.duration) Object.assign(view, { start: 0, end: strip.duration });
  const style = make("style");
  style.textContent = STYLE;
  parts.body = make("div", "strip");
  parts.body.setAttribute("role", "group");
  parts.body.setAttribute("aria-label", strip.label);
  if (strip.titled) {
    parts.body.append(make("div", "title", strip.label));
    parts.body.style.setProperty("--above", "24px");
  }
  for (const row of strip.rows) {
    const line = make("div", `row ${row.kind}`);
    const lane = make("div", "lane");
    const name = make("div", "name", row.name);
    name.title = row.name;
    line.append(name, lane);
    parts.body.append(line);
    lane.row = row;
    lane.setAttribute("role", "group");
    lane.setAttribute("aria-label", row.name);
    lanes.push(KINDS[row.kind](row, lane));
  }
  const axisRow = make("div", "row time");
  parts.axis = make("div", "lane axis");
  parts.now = make("div", "name now");
  axisRow.append(parts.now, parts.axis);
  const over = make("div", "over");
  parts.head = make("div", "head");
  parts.chosen = make("div", "chosen");
  parts.chosen.hidden = true;
  over.append(parts.chosen, parts.head);
  parts.tip = make("div", "tip");
  parts.tip.setAttribute("aria-hidden", "true");
  parts.body.append(axisRow, zoomRow(), over, parts.tip);
  root.append(style, parts.body);
  parts.body.addEventListener("click", afterDrag, { capture: true });
  parts.body.addEventListener("click", (event) => {
    const lane = event.target.closest(".lane");
    if (lane && lane !== parts.mini) seek(timeAt(event));
  });
  parts.body.addEventListener("keydown", step);
  parts.body.addEventListener("wheel", onWheel, { passive: false });
  parts.body.addEventListener("pointerdown", onDown);
  parts.body.addEventListener("pointermove", (event) => {
    onMove(event);
    hint(event);
  });
  for (const name of ["pointerup", "pointercancel"]) parts.body.addEventListener(name, onUp);
  parts.body.addEventListener("pointerleave", () => {
    aimed = false;
    parts.tip.removeAttribute("data-on");
  });
  const target = player();
  playing = { time: (before && target && target.time) || 0, version: (target && target.version) || 0 };
  lay();
  standOn(kept);
}

document.addEventListener("avai-clock", (event) => {
  if (!strip || event.target !== player()) return;
  const { time, version } = event.detail;
  const followed = sees(playing.time) || !event.detail.playing;
  if (version !== playing.version) later();
  playing.version = version;
  if (followed && time !== playing.time) reveal(time);
  stand(time);
});

new ResizeObserver(() => strip && later()).observe(host);
new MutationObserver(() => strip && later()).observe(document.body, { attributes: true, attributeFilter: ["class"] });

draw();
watch("value", draw);
