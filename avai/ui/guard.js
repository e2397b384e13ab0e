// Refuses a file that is over the limit before it is uploaded, in a sentence where the person looks; brings a number
// that is typed beyond the ends of its slider back to them, before the server refuses it.
// props.value: {bytes, sentences: {en, zh}} with {megabytes} and {limit} to fill in. The server holds the limit too.
const { bytes, sentences } = props.value;
const megabytes = (count) => String(Math.ceil(count / 1e6));

function refuse(event, files) {
  const place = event.target.closest && event.target.closest(".drop");
  const large = [...(files || [])].find((file) => file.size > bytes);
  if (!place || !large) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.target.value) event.target.value = "";
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const said = sentences[language]
    .replace("{megabytes}", megabytes(large.size))
    .replace("{limit}", megabytes(bytes));
  const box = document.createElement("div");
  box.className = "status refused";
  box.setAttribute("role", "alert");
  box.append(document.createElement("p"));
  box.firstChild.textContent = said;
  place.closest(".tabitem:has(.status-slot)").querySelector(".status-slot:not(.block)").replaceChildren(box);
}

function bound(event) {
  const box = event.target;
  const slide = box.type === "number" && box.closest(".block").querySelector("input[type='range']");
  if (!slide) return;
  const [low, high] = [Number(slide.min), Number(slide.max)];
  // what is too low may still become more as it is typed
  if (Number(box.value) > high) box.value = slide.max;
  else if (Number(box.value) < low && (box.value.startsWith("-") || low === 1)) box.value = slide.min;
}

document.addEventListener("input", bound, true);
document.addEventListener("change", (event) => refuse(event, event.target.files), true);
document.addEventListener("drop", (event) => refuse(event, event.dataTransfer && event.dataTransfer.files), true);
