// A player for what the studio made or was given: one video or sound, or several versions of it under a switch.
// props.value: {sources: [{name, kind: "video" | "sound", file: {url}}], label}. Drawn in a shadow root, so that the
// page's own redrawing leaves a playing clip alone. The versions play along with the chosen one, silently, so that a
// switch is heard at once and at the same place. Tells its time by "avai-clock" events while it plays and is moved;
// `host.seek(time)`, `host.toggle()` and `host.hear(start, end)` steer it; `host.only`, [[start, end], ...], is what it
// plays where it is to skip all else.
const STYLE = "@css@";
const KEYS = ["a", "b", "c", "d"];
const APART = 0.05; // seconds that the versions may drift from the chosen one
const PATIENCE = 2000; // milliseconds between corrections: each costs a version its flow
const host = element.querySelector(".avai-player");
const root = host.attachShadow({ mode: "open" });
let versions = [];
let buttons = [];
let chosen = 0;
let part = null;
let beating = 0;
const corrected = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

const media = () => versions[chosen];
const others = () => versions.filter((each) => each !== media());

function tell() {
  if (!media()) return;
  const detail = { time: media().currentTime, playing: !media().paused, version: chosen };
  host.dispatchEvent(new CustomEvent("avai-clock", { bubbles: true, detail }));
}

// One step of the clock while it plays: stop at the end of a part, keep the versions together, tell the time.
function pass() {
  if (!media()) return;
  if (part && !media().paused && media().currentTime >= part.end) {
    media().pause();
    part = null;
  }
  if (!media().paused) leap();
  tell();
}

// Over what is left out, where only some stretches are to be played.
function leap() {
  if (!host.only || part) return;
  const now = media().currentTime;
  if (host.only.some(([start, end]) => now >= start - 0.001 && now < end)) return;
  const next = host.only.find(([start]) => start > now);
  if (next) media().currentTime = next[0];
  else media().pause();
}

function beat() {
  cancelAnimationFrame(beating);
  if (!media() || media().paused) return;
  pass();
  beating = requestAnimationFrame(beat);
}

function together() {
  for (const other of others()) {
    const apart = Math.abs(other.currentTime - media().currentTime);
    const soon = performance.now() - (corrected.get(other) || -PATIENCE) < PATIENCE;
    if (apart > 1 || (apart > APART && (media().paused || !soon))) {
      other.currentTime = media().currentTime;
      corrected.set(other, performance.now());
    }
    if (media().paused) other.pause();
    else if (other.paused && !media().ended) other.play().catch(() => {});
  }
}

function moved() {
  const { currentTime } = media();
  if (part && (currentTime < part.start - APART || currentTime > part.end + APART)) part = null;
  together();
  tell();
}

const REACTIONS = {
  play: () => (together(), beat()),
  playing: together,
  pause: () => (together(), tell()),
  ended: () => (together(), tell()),
  seeking: moved,
  seeked: tell,
  timeupdate: () => (together(), pass()),
  ratechange: () => others().forEach((other) => (other.playbackRate = media().playbackRate)),
  loadedmetadata: tell,
};

function version(source) {
  const made = make(source.kind === "video" ? "video" : "audio");
  made.preload = "metadata";
  made.playsInline = true;
  made.setAttribute("aria-label", source.name);
  for (const [name, react] of Object.entries(REACTIONS)) {
    made.addEventListener(name, () => made === media() && react());
  }
  made.src = source.file.url;
  return made;
}

// The chosen version has the controls; a picture stays in sight, also while another version's sound plays.
function show() {
  const seen = media().tagName === "VIDEO" ? media() : versions.find((each) => each.tagName === "VIDEO");
  for (const each of versions) {
    each.controls = each === media();
    each.hidden = each !== media() && each !== seen;
  }
  buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === chosen)));
}

function choose(index) {
  if (index === chosen || !versions[index]) return;
  const from = media();
  const to = versions[index];
  if (from.paused || Math.abs(to.currentTime - from.currentTime) > APART) to.currentTime = from.currentTime;
  to.volume = from.volume;
  to.muted = from.muted;
  from.muted = true;
  chosen = index;
  show();
  if (!from.paused) to.play().catch(() => {});
  beat();
  tell();
}

function theSwitch(sources) {
  const group = make("div", "switch");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", props.value.label || "");
  buttons = sources.map((source, index) => {
    const button = make("button", "", source.name);
    button.type = "button";
    button.setAttribute("aria-keyshortcuts", KEYS[index].toUpperCase());
    const key = make("kbd", "", KEYS[index].toUpperCase());
    key.setAttribute("aria-hidden", "true");
    button.append(key);
    button.addEventListener("click", () => choose(index));
    return button;
  });
  group.append(...buttons);
  return group;
}

function draw() {
  for (const each of versions) {
    each.pause();
    each.removeAttribute("src");
  }
  versions = [];
  buttons = [];
  chosen = 0;
  part = null;
  root.replaceChildren();
  const sources = (props.value && props.value.sources) || [];
  host.hidden = sources.length === 0;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  root.append(style);
  if (sources.length > 1) root.append(theSwitch(sources));
  versions = sources.map(version);
  for (const other of others()) other.muted = true;
  root.append(...versions);
  show();
}

host.seek = (time) => {
  if (!media()) return;
  part = null;
  media().currentTime = time;
  tell();
};
host.toggle = () => {
  if (media()) media().paused ? media().play().catch(() => {}) : media().pause();
};
// Play a part of the clip and stop at its end, or pause where it is played already. Gives the time it stands at then.
host.hear = (start, end) => {
  if (!media()) return start;
  if (part && part.start === start && part.end === end && !media().paused) {
    media().pause();
    return media().currentTime;
  }
  part = { start, end };
  media().currentTime = start;
  media().play().catch(() => {});
  tell();
  return start;
};
host.only = null;
Object.defineProperty(host, "time", { get: () => (media() ? media().currentTime : 0) });
Object.defineProperty(host, "version", { get: () => chosen });

document.addEventListener("keydown", (event) => {
  const index = KEYS.indexOf(event.key.toLowerCase());
  if (index < 0 || event.ctrlKey || event.metaKey || event.altKey || !host.getClientRects().length) return;
  if (event.composedPath()[0].closest("input, textarea, select, [contenteditable]")) return;
  choose(index);
});

draw();
watch("value", draw);
