// A result's files as links to take away. props.value: {groups: [{title, files: [{name, size, file: {url}} |
// {name, size, text}]}]}; a title may be empty.
const STYLE = "@css@";
const PICTURE = /\.(jpg|png|webp)$/;
const host = element.querySelector(".avai-downloads");
const root = host.attachShadow({ mode: "open" });
const urls = [];

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

// An address for what is only in this page.
function address(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  urls.push(url);
  return url;
}

function draw() {
  root.replaceChildren();
  urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
  const groups = ((props.value && props.value.groups) || []).filter(({ files }) => files.length);
  host.hidden = groups.length === 0;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  root.append(style);
  for (const { title, files } of groups) {
    const list = make("ul");
    if (title) {
      list.setAttribute("aria-label", title);
      root.append(make("p", "", title));
    }
    list.append(...files.map(link));
    root.append(list);
  }
}

function link(each) {
  const made = make("a", "", each.name);
  made.href = each.file ? each.file.url : address(each.text);
  made.download = each.name;
  made.append(make("span", "size", each.size));
  if (each.file && PICTURE.test(each.name)) peek(made);
  const item = make("li");
  item.append(made);
  return item;
}

// A picture is shown above its link, loaded when it is pointed at.
function peek(link) {
  const image = make("img", "peek");
  image.alt = "";
  const load = () => {
    image.src = link.href;
    image.toggleAttribute("data-right", link.getBoundingClientRect().left + 256 > document.documentElement.clientWidth);
  };
  for (const name of ["pointerenter", "focus"]) link.addEventListener(name, load, { once: true });
  link.append(image);
}

draw();
watch("value", draw);
