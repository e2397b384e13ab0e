// A result's files as links to take away. props.value: {files: [{name, size, file: {url}} | {name, size, text}]}
const STYLE = "@css@";
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
function made(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  urls.push(url);
  return url;
}

function draw() {
  root.replaceChildren();
  urls.splice(0).forEach((url) => URL.revokeObjectURL(url));
  const files = (props.value && props.value.files) || [];
  host.hidden = files.length === 0;
  if (host.hidden) return;
  const style = make("style");
  style.textContent = STYLE;
  const list = make("ul");
  for (const each of files) {
    const link = make("a", "", each.name);
    link.href = each.file ? each.file.url : made(each.text);
    link.download = each.name;
    link.append(make("span", "size", each.size));
    const item = make("li");
    item.append(link);
    list.append(item);
  }
  root.append(style, list);
}

draw();
watch("value", draw);
