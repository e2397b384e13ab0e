// The sound of the strip: waveform and spectrogram on canvases. What is far away is drawn from an overview; details
// are fetched a part at a time, by their bytes in a file, when they are looked at. The last ones are kept.
const KEPT_PARTS = 40;
const DETAIL = 480; // seconds in view up to which details are fetched
const CHUNK = 60; // seconds of waveform in a part
const held = new Map();

function bytes(url, first, end) {
  const asked = fetch(url, { headers: { Range: `bytes=${first}-${end - 1}` } });
  return asked.then(async (answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.arrayBuffer();
    return answer.status === 206 ? data : data.slice(first, end);
  });
}

// What is under a key, or null while it is on its way; `later` is called when it has come.
function part(key, load, later) {
  const there = held.get(key);
  if (there) {
    held.delete(key); // to the young end
    held.set(key, there);
    return there.value;
  }
  const entry = { value: null };
  held.set(key, entry);
  if (held.size > KEPT_PARTS) held.delete(held.keys().next().value);
  load().then(
    (value) => {
      entry.value = value;
      later();
    },
    () => held.delete(key),
  );
  return null;
}

// ---- colours: even steps of lightness in OKLCH, from the page's own ground to what stands out from it ----

function shades(dark) {
  const table = new Uint8ClampedArray(256 * 3);
  for (let index = 0; index < 256; index++) {
    const t = index / 255;
    const light = dark ? 0.19 + 0.78 * t : 0.965 - 0.77 * t;
    const chroma = 0.18 * Math.sin(Math.PI * Math.min(1, 0.02 + 0.92 * t)) * (dark ? 1 : 0.9);
    const hue = ((dark ? 285 + 165 * t : 255 + 45 * t) * Math.PI) / 180;
    const a = chroma * Math.cos(hue);
    const b = chroma * Math.sin(hue);
    const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ];
    linear.forEach((value, channel) => {
      const kept = Math.min(Math.max(value, 0), 1);
      table[3 * index + channel] = 255 * (kept <= 0.0031308 ? 12.92 * kept : 1.055 * kept ** (1 / 2.4) - 0.055);
    });
  }
  return table;
}

const TABLES = { true: shades(true), false: shades(false) };
const isDark = () => document.body.classList.contains("dark");

async function coloured(data, black, white, dark) {
  const picture = await createImageBitmap(new Blob([data], { type: "image/jpeg" }));
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  paper.drawImage(picture, 0, 0);
  const image = paper.getImageData(0, 0, canvas.width, canvas.height);
  const table = TABLES[dark];
  const scale = 255 / Math.max(1, white - black);
  for (let at = 0; at < image.data.length; at += 4) {
    const shade = 3 * Math.round(Math.min(Math.max((image.data[at] - black) * scale, 0), 255));
    image.data[at] = table[shade];
    image.data[at + 1] = table[shade + 1];
    image.data[at + 2] = table[shade + 2];
  }
  paper.putImageData(image, 0, 0);
  return canvas;
}

// ---- painting ----

function ready(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (!width || !height) return null;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d");
}

function paintMel(canvas, row, version, view, later) {
  const paper = ready(canvas);
  if (!paper) return;
  const dark = isDark();
  const sound = row.sounds[Math.min(version, row.sounds.length - 1)];
  const { width, height } = canvas;
  const seconds = view.end - view.start;
  paper.fillStyle = `rgb(${TABLES[dark].slice(0, 3).join()})`;
  paper.fillRect(0, 0, width, height);
  paper.imageSmoothingQuality = "medium";
  const picture = (index) =>
    part(
      `${sound.file.url} ${index} ${dark}`,
      async () => coloured(await bytes(sound.file.url, sound.parts[index], sound.parts[index + 1]), row.black, row.white, dark),
      later,
    );
  const lay = (image, from, rate) => {
    const start = Math.max(view.start, from);
    const end = Math.min(view.end, from + image.width / rate);
    if (end <= start) return;
    const left = Math.round(((start - view.start) / seconds) * width);
    const right = Math.round(((end - view.start) / seconds) * width);
    paper.drawImage(image, (start - from) * rate, 0, (end - start) * rate, image.height, left, 0, right - left, height);
  };
  const tiles = sound.parts.length - 2;
  const whole = picture(tiles);
  if (whole) lay(whole, 0, sound.overview);
  if (!tiles || seconds > DETAIL || width / seconds <= sound.overview) return;
  const each = sound.tile / sound.columns;
  for (let tile = Math.floor(view.start / each); tile < tiles && tile * each < view.end; tile++) {
    const detail = picture(tile);
    if (detail) lay(detail, tile * each, sound.columns);
  }
}

// The loudest of a stretch as [lowest, highest, RMS], from details where they have come, else from the peaks.
function level(row, version, from, to, details) {
  const sound = details && row.sounds[Math.min(version, row.sounds.length - 1)];
  if (sound) {
    const first = Math.floor(from * sound.rate);
    const last = Math.max(first + 1, Math.floor(to * sound.rate));
    let [low, high, square, count] = [0, 0, 0, 0];
    for (let step = first; step < last; step++) {
      const chunk = details(Math.floor(step / sound.rate / CHUNK));
      if (!chunk) return [0, 0, 0];
      const at = 3 * (step % (sound.rate * CHUNK));
      if (at >= chunk.length) break;
      low = Math.min(low, chunk[at]);
      high = Math.max(high, chunk[at + 1]);
      square += chunk[at + 2] ** 2;
      count += 1;
    }
    return [low / 32767, high / 32767, Math.sqrt(square / Math.max(1, count)) / 32767];
  }
  const { peaks } = row;
  const first = Math.min(peaks.length - 1, Math.floor((from / strip.duration) * peaks.length));
  const last = Math.max(first + 1, Math.floor((to / strip.duration) * peaks.length));
  let high = 0;
  for (let index = first; index < last && index < peaks.length; index++) high = Math.max(high, peaks[index]);
  return [-high, high, 0];
}

// A function that gives the chunks of the waveform that are in view; null while one has not come, or none is needed.
function detailsOf(row, version, view, later) {
  if (!row.sounds.length || view.end - view.start > DETAIL) return null;
  const sound = row.sounds[Math.min(version, row.sounds.length - 1)];
  const step = 6 * sound.rate * CHUNK;
  const chunks = new Map();
  for (let index = Math.floor(view.start / CHUNK); index * CHUNK < view.end; index++) {
    const load = async () => new Int16Array(await bytes(sound.file.url, index * step, Math.min((index + 1) * step, sound.bytes)));
    if (index * step >= sound.bytes) chunks.set(index, new Int16Array(0));
    else chunks.set(index, part(`${sound.file.url} ${index}`, load, later));
  }
  return [...chunks.values()].every(Boolean) ? (index) => chunks.get(index) : null;
}

function paintWave(canvas, row, version, view, later) {
  const paper = ready(canvas);
  if (!paper) return;
  const { width, height } = canvas;
  const look = getComputedStyle(canvas);
  const details = detailsOf(row, version, view, later);
  const half = height / 2;
  const scale = (0.94 * half) / Math.max(row.loudest, 0.001);
  const thin = Math.max(1, window.devicePixelRatio || 1) / 2;
  const step = (view.end - view.start) / width;
  paper.clearRect(0, 0, width, height);
  const inner = [];
  paper.fillStyle = look.color;
  for (let x = 0; x < width; x++) {
    const from = view.start + x * step;
    if (from >= strip.duration) break;
    const [low, high, rms] = level(row, version, from, from + step, details);
    const top = half - Math.min(high * scale, half);
    const foot = half - Math.max(low * scale, -half);
    paper.fillRect(x, Math.min(top, half - thin), 1, Math.max(foot - top, 2 * thin));
    inner.push(Math.min(rms * scale, half));
  }
  paper.fillStyle = look.borderTopColor;
  inner.forEach((reach, x) => reach > thin && paper.fillRect(x, half - reach, 1, 2 * reach));
}
