// Several clips, each with a small player or its picture, its name and what is said of it; with `ask`, each can be
// called right or wrong. props.value: {clips: [{clip, kind: "sound" | "picture", file: {url} | null, name, text, note,
// play, label, right, answer: [label, name] | null}], ask: {yes, no, none, which, undo, choices: [[label, name]]} | null}.
// `label` is what the clip is taken for (empty: none of them), `right` its name.
// Triggers "answer" with {clip, label}: the right label, "" for none of them, null when it is taken back.
const STYLE = "@css@";
const host = element.querySelector(".avai-clips");
const root = host.attachShadow({ mode: "open" });
let playing = null;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function push(className, text, act) {
  const node = make("button", className, text);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

function player(each) {
  const button = make("button", "play");
  button.type = "button";
  button.setAttribute("aria-label", each.play);
  button.title = each.play;
  button.setAttribute("aria-pressed", "false");
  const media = make("audio");
  media.preload = "none";
  media.src = each.file.url;
  const shown = () => {
    button.setAttribute("aria-pressed", String(!media.paused));
    const share = media.duration ? media.currentTime / media.duration : 0;
    button.style.setProperty("--at", `${media.paused ? 0 : 360 * share}deg`);
    if (!media.paused) requestAnimationFrame(shown);
  };
  media.addEventListener("play", shown);
  media.addEventListener("pause", shown);
  media.addEventListener("error", () => (button.disabled = true));
  button.addEventListener("click", () => {
    if (!media.paused) return media.pause();
    if (playing && playing !== media) playing.pause();
    playing = media;
    media.currentTime = 0;
    return media.play().catch(() => {});
  });
  button.append(media);
  return button;
}

function seen(each) {
  if (!each.file) return make("span", "play none");
  if (each.kind !== "picture") return player(each);
  const image = make("img");
  image.src = each.file.url;
  image.alt = "";
  image.loading = "lazy";
  return image;
}

// Yes and No; after No the choice of the right class; after an answer what it was, and a way back.
function question(each, ask) {
  const box = make("div", "ask");
  const said = (label, name) => {
    const undo = push("undo", ask.undo, () => answer(null));
    box.replaceChildren(make("span", label === "" ? "said no" : "said", name), undo);
    return undo;
  };
  const answer = (label, name) => {
    if (label === null) open();
    else said(label, name).focus();
    trigger("answer", { clip: each.clip, label });
  };
  const choose = () => {
    const list = make("select");
    list.setAttribute("aria-label", ask.which);
    const first = make("option", "", ask.which);
    first.value = "-";
    list.append(first);
    for (const [label, name] of [...ask.choices, ["", ask.none]]) {
      if (label && label === each.label) continue;
      const option = make("option", "", name);
      option.value = label;
      list.append(option);
    }
    list.addEventListener("change", () => {
      if (list.value !== "-") answer(list.value, list.selectedOptions[0].textContent);
    });
    box.replaceChildren(list, push("undo", ask.undo, () => answer(null)));
    list.focus();
  };
  const open = () => {
    const yes = push("yes", ask.yes, () => answer(each.label, each.right || ask.none));
    const no = push("no", ask.no, choose);
    box.replaceChildren(yes, no);
  };
  if (each.answer) said(...each.answer);
  else open();
  return box;
}

function card(each, ask) {
  const item = make("li");
  const words = make("div", "words");
  words.append(make("b", "", each.text), make("span", "", each.note), make("span", "file", each.name));
  item.append(seen(each), words);
  if (ask) item.append(question(each, ask));
  return item;
}

function draw() {
  if (playing) playing.pause();
  playing = null;
  root.replaceChildren();
  const given = props.value;
  host.hidden = !given || !given.clips.length;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  const list = make("ul");
  list.append(...given.clips.map((each) => card(each, given.ask)));
  root.append(style, list);
}

draw();
watch("value", draw);
