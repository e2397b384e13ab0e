// The rows of the strip: each kind builds its lane once and gives a function that lays it out for the part in view.
const SVG = "http://www.w3.org/2000/svg";
const NARROW = 3; // pixels: spans that start nearer than this to the one before are seen apart only when zoomed

function area(values) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${values.length} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  const up = (value) => (98 - 94 * value).toFixed(1);
  const over = values.map((value, index) => `L${index + 0.5} ${up(value)}`).join("");
  path.setAttribute("d", `M0 ${up(values[0])}${over}L${values.length} ${up(values.at(-1))}L${values.length} 100L0 100Z`);
  svg.append(path);
  return svg;
}

// A curve is a slider too: the arrow keys move the playhead by one of its values.
function curve(row, lane) {
  const svg = area(row.values);
  const each = strip.duration / row.values.length;
  const dots = row.marked.map((time) => {
    const dot = make("i", "dot");
    const value = row.values[Math.min(row.values.length - 1, Math.floor(time / each))];
    dot.style.bottom = `clamp(5px, ${2 + 94 * value}%, calc(100% - 5px))`;
    return dot;
  });
  lane.append(svg, ...dots);
  lane.step = each;
  lane.tabIndex = 0;
  lane.setAttribute("role", "slider");
  lane.setAttribute("aria-valuemin", "0");
  lane.setAttribute("aria-valuemax", strip.duration.toFixed(1));
  return () => {
    svg.style.left = `${(-100 * view.start) / span()}%`;
    svg.style.width = `${(100 * strip.duration) / span()}%`;
    row.marked.forEach((time, index) => {
      dots[index].hidden = !sees(time);
      dots[index].style.left = share(time);
    });
  };
}

function wave(row, lane) {
  const canvas = make("canvas");
  lane.append(canvas);
  return () => paintWave(canvas, row, playing.version, view, later);
}

function mel(row, lane) {
  const canvas = make("canvas");
  const scale = make("div", "hertz");
  scale.setAttribute("aria-hidden", "true");
  for (const { hertz, height } of row.ticks) {
    const tick = make("i", "", hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz`);
    tick.style.bottom = `${100 * height}%`;
    scale.append(tick);
  }
  lane.append(canvas);
  lane.after(scale);
  return () => paintMel(canvas, row, playing.version, view, later);
}

function ticks(row, lane) {
  const nodes = row.times.map(() => make("i", `tick ${row.look}`));
  lane.append(...nodes);
  return () =>
    row.times.forEach((time, index) => {
      nodes[index].hidden = !sees(time);
      nodes[index].style.left = share(time);
    });
}

function moments(row, lane) {
  lane.marks = row.moments.map(({ time, text }) => ({ start: time, end: time, text }));
  for (const mark of lane.marks) {
    mark.node = pressed(mark, "span moment", mark.text, () => {
      focusOn(lane, mark);
      seek(mark.start);
    });
  }
  return () => {
    for (const { node, start } of lane.marks) {
      node.style.left = share(start);
      if (!sees(start)) node.remove();
      else if (!node.isConnected) lane.append(node);
    }
  };
}

function spans(row, lane) {
  lane.marks = row.spans.map((each) => ({ ...each })).sort((a, b) => a.start - b.start);
  return () => {
    const each = lane.clientWidth / span();
    const shown = new Set();
    let edge = -Infinity;
    for (const mark of lane.marks) {
      if (mark.end <= view.start || mark.start >= view.end) continue;
      const left = mark.start * each;
      if (left < edge && (mark.end - mark.start) * each < NARROW && mark !== lane.wanted) continue;
      edge = left + NARROW;
      shown.add(placed(mark, row, lane));
    }
    for (const node of [...lane.children]) if (!shown.has(node)) node.remove();
  };
}

function placed(mark, row, lane) {
  const start = Math.max(mark.start, view.start);
  mark.node ??= button(mark, row, lane);
  mark.node.style.left = share(start);
  mark.node.style.width = `${((100 * (Math.min(mark.end, view.end) - start)) / span()).toFixed(4)}%`;
  if (!mark.node.isConnected) lane.append(mark.node);
  return mark.node;
}

function button(mark, row, lane) {
  const sure = mark.confidence < 1 ? ` ${Math.round(100 * mark.confidence)} %` : "";
  const said = `${mark.text}${sure}, ${clock(mark.start, 1)} – ${clock(mark.end, 1)}`;
  const node = pressed(mark, `span ${mark.look}`, said, () => {
    focusOn(lane, mark);
    if (row.flips === null || row.flips === undefined) hear(mark);
    else announce("avai-flip", { index: lane.marks.indexOf(mark), number: row.flips });
  });
  node.style.setProperty("--sure", String(0.3 + 0.7 * mark.confidence));
  if (row.worded) node.append(make("span", "word", mark.text));
  return node;
}

// What another part of the page should know of this strip's cut.
function announce(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail: { player: strip.player, ...detail } }));
}

function pressed(mark, look, said, act) {
  const node = make("button", look);
  node.type = "button";
  node.tabIndex = -1;
  node.dataset.said = said;
  node.setAttribute("aria-label", said);
  node.mark = mark;
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    act();
  });
  return node;
}

// A span is heard from its start to its end; pressed again while it sounds, it falls silent.
function hear(mark) {
  const target = player();
  if (!target || !target.hear) return;
  stand(target.hear(mark.start, mark.end));
}

function film(row, lane) {
  const sheets = row.sheets.map((sheet) => {
    const image = new Image();
    image.addEventListener("load", later);
    image.src = sheet.file.url;
    return { image, tiles: sheet.tiles };
  });
  return () => layFilm(sheets, row.cells, lane);
}

function layFilm(sheets, cells, lane) {
  if (!cells.length || !sheets.every(({ image }) => image.complete && image.naturalWidth)) return;
  const height = lane.clientHeight;
  const first = sheets[0];
  const wide = (height * first.image.naturalWidth) / first.tiles / first.image.naturalHeight;
  const count = Math.max(1, Math.round(lane.clientWidth / wide));
  lane.replaceChildren();
  for (let index = 0; index < count; index++) {
    const cell = make("i", "cell");
    lane.append(cell);
    const time = view.start + ((index + 0.5) / count) * span();
    const shown = cells[Math.min(cells.length - 1, Math.floor((time / strip.duration) * cells.length))];
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

const KINDS = { film, wave, mel, curve, ticks, moments, spans };
