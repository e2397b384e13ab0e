// The time strip: rows on one time axis, a playhead that follows its player, and spans that seek it.
// props.value: {duration, player, label, titled, rows: [row]}, where a row has a `name` and one of these kinds:
//   film   {sheets: [{file: {url}, tiles}], cells: [[sheet, tile] | null, ...]}  pictures, evenly over the duration
//   wave   {peaks: [0..1, ...]}          curve  {values: [0..1, ...]}        evenly over the duration
//   ticks  {times: [...], look}          spans  {worded, spans: [{start, end, look, text, confidence}]}
// Everything that a file says goes in as text, never as HTML. Works by mouse, touch and keys.
const STYLE = "@css@";
const SVG = "http://www.w3.org/2000/svg";
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const host = element.querySelector(".avai-strip");
const root = host.attachShadow({ mode: "open" });
let strip = null;
let parts = {};
let films = [];

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function clock(seconds, digits) {
  const scale = 10 ** digits;
  const whole = Math.round(Math.max(0, seconds) * scale) / scale;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const share = (time) => `${(100 * Math.min(Math.max(time / strip.duration, 0), 1)).toFixed(4)}%`;

function player() {
  return strip && document.querySelector(`#${CSS.escape(strip.player)} .avai-player`);
}

function seek(time) {
  const target = player();
  if (target && target.seek) target.seek(Math.min(Math.max(time, 0), strip.duration));
  stand(time);
}

function stand(time) {
  if (parts.head) parts.head.style.left = share(time);
  if (parts.now) parts.now.textContent = `${clock(time, 1)} / ${clock(strip.duration, 1)}`;
}

// ---- rows ----

function area(values, mirrored) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${values.length} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  const up = (value) => (mirrored ? 50 - Math.max(47 * value, 1) : 98 - 94 * value).toFixed(1);
  const down = (value) => (mirrored ? 50 + Math.max(47 * value, 1) : 100).toFixed(1);
  const over = values.map((value, index) => `L${index + 0.5} ${up(value)}`).join("");
  const under = values.map((value, index) => `L${index + 0.5} ${down(value)}`).reverse().join("");
  path.setAttribute("d", `M0 ${up(values[0])}${over}L${values.length} ${up(values.at(-1))}L${values.length} ${down(values.at(-1))}${under}L0 ${down(values[0])}Z`);
  svg.append(path);
  return svg;
}

function wave(row, lane) {
  if (row.peaks.length) lane.append(area(row.peaks, true));
}

function curve(row, lane) {
  if (row.values.length) lane.append(area(row.values, false));
}

function ticks(row, lane) {
  for (const time of row.times) {
    const tick = make("i", `tick ${row.look}`);
    tick.style.left = share(time);
    lane.append(tick);
  }
}

function spans(row, lane) {
  for (const span of row.spans) {
    const button = make("button", `span ${span.look}`);
    button.type = "button";
    button.tabIndex = -1;
    button.style.left = share(span.start);
    button.style.width = share(span.end - span.start);
    button.style.setProperty("--sure", String(0.3 + 0.7 * span.confidence));
    const sure = span.confidence < 1 ? ` ${Math.round(100 * span.confidence)} %` : "";
    const said = `${span.text}${sure}, ${clock(span.start, 1)} – ${clock(span.end, 1)}`;
    button.setAttribute("aria-label", said);
    button.dataset.said = said;
    if (row.worded) button.append(make("span", "word", span.text));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      focusOn(button);
      seek(span.start);
    });
    lane.append(button);
  }
}

function film(row, lane) {
  const sheets = row.sheets.map((sheet) => {
    const image = new Image();
    image.addEventListener("load", lay);
    image.src = sheet.file.url;
    return { image, tiles: sheet.tiles };
  });
  films.push({ sheets, cells: row.cells, lane });
}

function layFilm({ sheets, cells, lane }) {
  if (!cells.length || !sheets.every(({ image }) => image.complete && image.naturalWidth)) return;
  const height = lane.clientHeight;
  const first = sheets[0];
  const wide = (height * first.image.naturalWidth) / first.tiles / first.image.naturalHeight;
  const count = Math.max(1, Math.round(lane.clientWidth / wide));
  lane.replaceChildren();
  for (let index = 0; index < count; index++) {
    const cell = make("i", "cell");
    lane.append(cell);
    const shown = cells[Math.min(cells.length - 1, Math.floor(((index + 0.5) / count) * cells.length))];
    if (!shown) continue; // a title, or a clip without pictures
    const [which, tile] = shown;
    const { image, tiles } = sheets[which];
    const each = (height * image.naturalWidth) / tiles / image.naturalHeight;
    const room = lane.clientWidth / count;
    const fit = Math.max(1, room / each);
    cell.style.backgroundImage = `url(${JSON.stringify(image.src)})`;
    cell.style.backgroundSize = `${each * tiles * fit}px ${height * fit}px`;
    cell.style.backgroundPosition = `${-(tile + 0.5) * each * fit + room / 2}px 50%`;
  }
}

const KINDS = { film, wave, curve, ticks, spans };

// ---- axis, keys, pointer ----

function lay() {
  if (!strip || !parts.axis) return;
  const width = parts.axis.clientWidth;
  if (!width) return;
  const step = STEPS.find((each) => (each / strip.duration) * width >= 56) || STEPS.at(-1);
  parts.axis.replaceChildren();
  for (let index = 0; index * step < strip.duration; index++) {
    if (index && (1 - (index * step) / strip.duration) * width < 30) break;
    const mark = make("i", "mark", clock(index * step, step < 1 ? 1 : 0));
    mark.style.left = share(index * step);
    parts.axis.append(mark);
  }
  films.forEach(layFilm);
}

function focusOn(button) {
  for (const other of root.querySelectorAll(".span[tabindex='0']")) other.tabIndex = -1;
  button.tabIndex = 0;
  button.focus({ preventScroll: true });
}

function step(event) {
  const here = event.target.closest && event.target.closest(".span");
  if (!here) return;
  const lanes = [...root.querySelectorAll(".lane")].filter((lane) => lane.querySelector(".span"));
  const mine = [...here.parentElement.querySelectorAll(".span")];
  const row = lanes.indexOf(here.parentElement);
  let next = null;
  if (event.key === "ArrowRight") next = mine[mine.indexOf(here) + 1];
  else if (event.key === "ArrowLeft") next = mine[mine.indexOf(here) - 1];
  else if (event.key === "Home") next = mine[0];
  else if (event.key === "End") next = mine.at(-1);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const other = lanes[row + (event.key === "ArrowDown" ? 1 : -1)];
    const left = parseFloat(here.style.left);
    const near = (span) => Math.abs(parseFloat(span.style.left) - left);
    if (other) next = [...other.querySelectorAll(".span")].reduce((a, b) => (near(b) < near(a) ? b : a));
  } else if (event.key === " ") {
    const target = player();
    if (target && target.toggle) target.toggle();
  } else return;
  event.preventDefault();
  if (next) focusOn(next);
}

function timeAt(event) {
  const box = parts.axis.getBoundingClientRect();
  return ((event.clientX - box.left) / box.width) * strip.duration;
}

function hint(event) {
  const box = parts.body.getBoundingClientRect();
  const time = timeAt(event);
  if (time < 0 || time > strip.duration) return parts.tip.removeAttribute("data-on");
  const over = event.target.closest && event.target.closest(".span");
  parts.tip.textContent = over ? over.dataset.said : clock(time, 1);
  parts.tip.setAttribute("data-on", "");
  const left = Math.min(Math.max(event.clientX - box.left, 40), box.width - 40);
  parts.tip.style.left = `${left}px`;
  parts.tip.style.top = `${event.clientY - box.top - 34}px`;
}

function draw() {
  root.replaceChildren();
  strip = props.value && props.value.duration ? props.value : null;
  parts = {};
  films = [];
  host.hidden = !strip;
  if (!strip) return;
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
    lane.setAttribute("role", "group");
    lane.setAttribute("aria-label", row.name);
    KINDS[row.kind](row, lane);
  }
  const axisRow = make("div", "row time");
  parts.axis = make("div", "lane axis");
  parts.now = make("div", "name now");
  axisRow.append(parts.now, parts.axis);
  parts.body.append(axisRow);
  const over = make("div", "over");
  parts.head = make("div", "head");
  over.append(parts.head);
  parts.tip = make("div", "tip");
  parts.tip.setAttribute("aria-hidden", "true");
  parts.body.append(over, parts.tip);
  root.append(style, parts.body);
  parts.body.addEventListener("click", (event) => {
    if (event.target.closest(".lane")) seek(timeAt(event));
  });
  parts.body.addEventListener("keydown", step);
  parts.body.addEventListener("pointermove", hint);
  parts.body.addEventListener("pointerleave", () => parts.tip.removeAttribute("data-on"));
  const first = root.querySelector(".span");
  if (first) first.tabIndex = 0;
  stand(0);
  lay();
  new ResizeObserver(lay).observe(parts.axis);
}

document.addEventListener("avai-clock", (event) => {
  if (strip && event.target === player()) stand(event.detail.time);
});

draw();
watch("value", draw);
