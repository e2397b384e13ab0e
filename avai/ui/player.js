// A player for what the studio made or was given: one video or sound, or several of the same clip under a switch.
// props.value: {sources: [{name, kind: "video" | "sound", file: {url}}], label}. Drawn in a shadow root, so that the
// page's own redrawing leaves a playing clip alone. Tells its time by "avai-clock" events; `host.seek(time)` sets it.
const STYLE = "@css@";
const host = element.querySelector(".avai-player");
const root = host.attachShadow({ mode: "open" });
let media = null;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function tell() {
  if (!media) return;
  host.dispatchEvent(
    new CustomEvent("avai-clock", { bubbles: true, detail: { time: media.currentTime, playing: !media.paused } }),
  );
}

function load(source, at, play) {
  const fresh = make(source.kind === "video" ? "video" : "audio");
  fresh.controls = true;
  fresh.preload = "metadata";
  fresh.playsInline = true;
  fresh.setAttribute("aria-label", source.name);
  for (const name of ["timeupdate", "seeking", "seeked", "play", "pause", "ended"]) fresh.addEventListener(name, tell);
  fresh.addEventListener("loadedmetadata", () => {
    if (at) fresh.currentTime = at;
    if (play) fresh.play().catch(() => {});
    tell();
  });
  fresh.src = source.file.url;
  if (media) {
    media.pause();
    media.replaceWith(fresh);
  } else {
    root.append(fresh);
  }
  media = fresh;
}

function draw() {
  if (media) media.pause();
  media = null;
  root.replaceChildren();
  const sources = (props.value && props.value.sources) || [];
  host.hidden = sources.length === 0;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  root.append(style);
  if (sources.length > 1) {
    const group = make("div", "switch");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", props.value.label || "");
    const buttons = sources.map((source, index) => {
      const button = make("button", "", source.name);
      button.type = "button";
      button.setAttribute("aria-pressed", String(index === 0));
      button.addEventListener("click", () => {
        buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        load(source, media.currentTime, !media.paused);
      });
      return button;
    });
    group.append(...buttons);
    root.append(group);
  }
  load(sources[0], 0, false);
}

host.seek = (time) => {
  if (!media) return;
  media.currentTime = time;
  tell();
};
host.toggle = () => {
  if (media) media.paused ? media.play().catch(() => {}) : media.pause();
};

draw();
watch("value", draw);
