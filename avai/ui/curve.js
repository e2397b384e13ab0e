// A learning curve: how much is right after each pass over the clips, of those that are learnt from and of those held
// out. props.value: {points: [{epoch, accuracy, held}], learnt, held, passes, again, said}. An epoch that is not above the one
// before begins another run (another part held out): earlier runs are drawn faint.
const STYLE = "@css@";
const host = element.querySelector(".avai-curve");
const root = host.attachShadow({ mode: "open" });
const SPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 200;
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 12, 12, 28];

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function shape(tag, given, text) {
  const node = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function runs(points) {
  const found = [];
  for (const point of points) {
    const last = found.length && found[found.length - 1];
    if (!last || point.epoch <= last[last.length - 1].epoch) found.push([point]);
    else last.push(point);
  }
  return found;
}

function picture(given, width) {
  const found = runs(given.points);
  const most = Math.max(5, ...given.points.map((point) => point.epoch));
  const x = (epoch) => LEFT + ((width - LEFT - RIGHT) * (epoch - 1)) / (most - 1);
  const y = (share) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": given.said });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(shape("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share) }));
    svg.append(shape("text", { class: "mark", x: LEFT - 8, y: y(share) + 4, "text-anchor": "end" }, `${100 * share} %`));
  }
  svg.append(shape("text", { class: "mark", x: x(1), y: HEIGHT - 6 }, "1"));
  svg.append(shape("text", { class: "mark", x: x(most), y: HEIGHT - 6, "text-anchor": "end" }, `${most}`));
  const middle = (LEFT + width - RIGHT) / 2;
  svg.append(shape("text", { class: "mark", x: middle, y: HEIGHT - 6, "text-anchor": "middle" }, given.passes));
  found.forEach((run, number) => {
    const now = number === found.length - 1 ? " now" : "";
    for (const which of ["accuracy", "held"]) {
      const path = run.map((point) => `${x(point.epoch).toFixed(1)},${y(point[which]).toFixed(1)}`).join(" ");
      svg.append(shape("polyline", { class: `${which}${now}`, points: path }));
    }
    const last = run[run.length - 1];
    if (now) svg.append(shape("circle", { class: "held", cx: x(last.epoch), cy: y(last.held), r: 4 }));
  });
  return svg;
}

function draw() {
  root.replaceChildren();
  const given = props.value;
  host.hidden = !given || !given.points.length;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  const figure = make("figure");
  const caption = make("figcaption");
  const last = given.points[given.points.length - 1];
  for (const which of ["held", "accuracy"]) {
    const name = which === "held" ? given.held : given.learnt;
    const key = make("span", which, name);
    key.append(make("b", "", `${Math.round(100 * last[which])} %`));
    caption.append(key);
  }
  figure.append(caption);
  root.append(style, figure);
  figure.append(picture(given, Math.max(240, Math.floor(figure.clientWidth || 640))));
  if (runs(given.points).length > 1) figure.append(make("p", "again", given.again));
}

let width = 0;
new ResizeObserver(() => {
  if (host.clientWidth === width) return;
  width = host.clientWidth;
  requestAnimationFrame(draw);
}).observe(element);
draw();
watch("value", draw);
