// The storyboard: big pictures with their times; a click or Enter seeks the player to that time.
// props.value: {player, pictures: [{file: {url}, time, text, said}]}
const STYLE = "@css@";
const host = element.querySelector(".avai-board");
const root = host.attachShadow({ mode: "open" });

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function draw() {
  root.replaceChildren();
  const board = props.value;
  host.hidden = !board || !board.pictures || !board.pictures.length;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  const grid = make("div", "board");
  for (const picture of board.pictures) {
    const button = make("button", "picture");
    button.type = "button";
    button.setAttribute("aria-label", picture.said);
    const image = make("img");
    image.src = picture.file.url;
    image.alt = "";
    button.append(image, make("span", "time", picture.text));
    button.addEventListener("click", () => {
      const player = document.querySelector(`#${CSS.escape(board.player)} .avai-player`);
      if (player && player.seek) player.seek(picture.time);
    });
    grid.append(button);
  }
  root.append(style, grid);
}

draw();
watch("value", draw);
