// The viewer of a whole slide: tiles on a canvas, moved and zoomed by wheel, fingers, keys and buttons, to one pixel of the slide a
// pixel of the screen and further; a bar of a round length, lengths in micrometres, and the marks of fields and cells.

const tileSide = 256;
const mostTiles = 400;
const lanes = 6;
const stage = document.getElementById("slide-stage");
const fieldList = document.getElementById("slide-field-list");

if (stage) view(JSON.parse(stage.dataset.words));

function view(words) {
  const canvas = document.getElementById("slide-canvas");
  const context = canvas.getContext("2d");
  const [width, height, last, micrometres] =
    ["width", "height", "last", "scale"].map((name) => Number(stage.dataset[name]));
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const where = document.getElementById("slide-where");
  // Pixels of the screen that a pixel of the slide is wide, and where the stage's left upper corner lies on the slide.
  const eye = { scale: 1, x: 0, y: 0 };
  const tiles = new Map();
  const failedOnce = new Map();
  const pointers = new Map();
  let [pinch, ruler, isMeasuring, areMarksShown, isDrawn, fields, clock] = [null, null, false, true, false, [], 0];

  const box = () => stage.getBoundingClientRect();
  const density = () => window.devicePixelRatio || 1;
  const fitting = () => Math.min(box().width / width, box().height / height);

  function keep() {
    const { width: wide, height: high } = box();
    const place = (offset, length, room) => {
      const seen = room / eye.scale;
      return seen >= length ? (length - seen) / 2 : Math.min(length - seen, Math.max(0, offset));
    };
    eye.x = place(eye.x, width, wide);
    eye.y = place(eye.y, height, high);
    draw();
  }

  // The point under the pointer stays where it is.
  function zoom(factor, x, y) {
    const { left, top, width: wide, height: high } = box();
    const [px, py] = [(x ?? left + wide / 2) - left, (y ?? top + high / 2) - top];
    const scale = Math.min(4, Math.max(Math.min(1, fitting()) * 0.9, eye.scale * factor));
    eye.x += px / eye.scale - px / scale;
    eye.y += py / eye.scale - py / scale;
    eye.scale = scale;
    keep();
  }

  function show(x, y, scale = eye.scale) {
    eye.scale = scale;
    eye.x = x - box().width / scale / 2;
    eye.y = y - box().height / scale / 2;
    keep();
  }

  const fit = () => { eye.scale = fitting(); [eye.x, eye.y] = [0, 0]; keep(); };
  const full = () => show(eye.x + box().width / eye.scale / 2, eye.y + box().height / eye.scale / 2, 1 / density());

  // MARK: Tiles

  const address = (zoom, column, row) => `${stage.dataset.tiles}/${zoom}/${column}/${row}`;
  let waiting = [];
  let loading = 0;

  function tile(zoom, column, row) {
    const key = `${zoom}/${column}/${row}`;
    const known = tiles.get(key);
    if (known) {
      known.used = ++clock;
      return known.image;
    }
    waiting.push({ key, zoom, column, row });
    return null;
  }

  function load() {
    while (loading < lanes && waiting.length > 0) {
      const next = waiting.shift();
      if (tiles.has(next.key) || (failedOnce.get(next.key) ?? 0) > Date.now()) continue;
      const entry = { image: null, used: ++clock };
      tiles.set(next.key, entry);
      const image = new Image();
      loading += 1;
      const done = () => { loading -= 1; draw(); };
      image.onload = () => {
        entry.image = image;
        stage.dataset.loaded = Number(stage.dataset.loaded) + 1;
        done();
      };
      // It is asked for again a little later, when it is still to be seen.
      image.onerror = () => {
        tiles.delete(next.key);
        failedOnce.set(next.key, Date.now() + 3000);
        stage.dataset.failed = Number(stage.dataset.failed) + 1;
        setTimeout(draw, 3100);
        done();
      };
      image.src = address(next.zoom, next.column, next.row);
    }
    if (tiles.size > mostTiles) {
      const old = [...tiles].sort((a, b) => a[1].used - b[1].used).slice(0, tiles.size - mostTiles);
      for (const [key, entry] of old) if (entry.image) tiles.delete(key);
    }
  }

  function draw() {
    if (isDrawn) return;
    isDrawn = true;
    requestAnimationFrame(() => { isDrawn = false; paint(); });
  }

  function paint() {
    const { width: wide, height: high } = box();
    const [across, down] = [Math.round(wide * density()), Math.round(high * density())];
    if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
    context.setTransform(density(), 0, 0, density(), 0, 0);
    context.clearRect(0, 0, wide, high);
    // The zoom whose pixels are no wider than the screen's.
    const best = Math.min(last, Math.max(0, last + Math.ceil(Math.log2(eye.scale * density()) - 0.01)));
    waiting = [];
    // From afar first, so that something stands where a tile is still to come.
    for (const level of [Math.max(0, best - 3), best].filter((value, index, all) => all.indexOf(value) === index)) {
      const length = tileSide * 2 ** (last - level);
      const columns = Math.ceil(width / length) - 1;
      const rows = Math.ceil(height / length) - 1;
      const range = (from, seen, end) => [Math.max(0, Math.floor(from / length)), Math.min(end, Math.floor((from + seen) / length))];
      const [left, right] = range(eye.x, wide / eye.scale, columns);
      const [top, bottom] = range(eye.y, high / eye.scale, rows);
      for (let row = top; row <= bottom; row += 1) {
        for (let column = left; column <= right; column += 1) {
          const image = tile(level, column, row);
          if (!image) continue;
          const [x, y] = [(column * length - eye.x) * eye.scale, (row * length - eye.y) * eye.scale];
          const w = Math.min(length, width - column * length) * eye.scale;
          const h = Math.min(length, height - row * length) * eye.scale;
          context.drawImage(image, x, y, w + 0.5, h + 0.5);
        }
      }
    }
    // What stands in the middle comes first.
    load();
    if (areMarksShown) paintMarks();
    if (ruler) paintRuler();
    paintBar();
    stage.dataset.zoom = String(Math.round(1000 * eye.scale) / 1000);
  }

  // MARK: Marks, lengths

  const looks = {
    malignant: ["#b3261e", []], other: ["#1553b0", []], declined: ["#4d5b6b", [6, 4]], waiting: ["#4d5b6b", [2, 3]],
    chosen: ["#8a97a6", [2, 5]],
  };

  function paintMarks() {
    const at = (x, y) => [(x - eye.x) * eye.scale, (y - eye.y) * eye.scale];
    for (const field of fields) {
      const [x, y] = at(field.x, field.y);
      const side = field.side * eye.scale;
      const [colour, dashes] = looks[field.kind] ?? looks.chosen;
      context.lineWidth = 3;
      context.strokeStyle = colour;
      context.setLineDash(dashes);
      // From afar a field is a point; a mark of a few pixels is still seen.
      if (side < 8) context.strokeRect(x + side / 2 - 4, y + side / 2 - 4, 8, 8);
      else context.strokeRect(x, y, side, side);
      context.setLineDash([]);
      if (side > 60) {
        context.font = "600 13px system-ui, sans-serif";
        context.fillStyle = "rgba(255, 255, 255, .85)";
        context.fillRect(x, y, 28, 18);
        context.fillStyle = colour;
        context.fillText(String(field.number), x + 5, y + 14);
      }
      if (side < 200) continue;
      context.lineWidth = 2;
      for (const cell of field.cells) {
        const [left, top] = at(cell.x, cell.y);
        context.strokeStyle = cell.isBlast ? "#b3261e" : "#1b6e3c";
        context.strokeRect(left, top, cell.width * eye.scale, cell.height * eye.scale);
      }
    }
  }

  const long = (value) => (value >= 1000 ? `${(value / 1000).toPrecision(3)} mm` : `${value.toPrecision(3)} µm`);

  function paintRuler() {
    const [a, b] = [ruler.from, ruler.to].map(({ x, y }) => [(x - eye.x) * eye.scale, (y - eye.y) * eye.scale]);
    context.setLineDash([]);
    for (const [colour, thickness] of [["#ffffff", 5], ["#16202c", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = thickness;
      context.beginPath();
      context.moveTo(...a);
      context.lineTo(...b);
      context.stroke();
    }
    const pixels = Math.hypot(ruler.to.x - ruler.from.x, ruler.to.y - ruler.from.y);
    const length = micrometres > 0 ? long(pixels * micrometres) : words.unknown;
    stage.dataset.length = String(pixels * micrometres);
    where.textContent = fill(words.length, { length, pixels: Math.round(pixels) });
  }

  function paintBar() {
    const bar = document.getElementById("slide-bar");
    bar.hidden = !(micrometres > 0);
    if (bar.hidden) return;
    // The longest of 1, 2 and 5 times a power of ten that takes at most a quarter of the stage.
    const room = box().width / 4 / eye.scale * micrometres;
    const power = 10 ** Math.floor(Math.log10(room));
    const length = [5, 2, 1].map((times) => times * power).find((value) => value <= room) ?? power;
    bar.style.width = `${length / micrometres * eye.scale}px`;
    bar.firstElementChild.textContent = length >= 1000 ? `${length / 1000} mm` : `${Number(length.toPrecision(2))} µm`;
  }

  function tell() {
    if (ruler) return;
    const percent = Math.round(1000 * eye.scale * density()) / 10;
    where.textContent = fill(words.zoom, { percent });
  }

  // MARK: Hands and keys

  const spot = (event) => {
    const { left, top } = box();
    return { x: eye.x + (event.clientX - left) / eye.scale, y: eye.y + (event.clientY - top) / eye.scale };
  };

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
    tell();
  }, { passive: false });

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    if (isMeasuring && pointers.size === 1) ruler = { from: spot(event), to: spot(event) };
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      pinch = { distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) };
      if (isMeasuring) ruler = null;
    }
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2 && pinch) {
      const [a, b] = [...pointers.values()];
      const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      eye.x -= (event.clientX - before.clientX) / eye.scale / 2;
      eye.y -= (event.clientY - before.clientY) / eye.scale / 2;
      zoom(distance / pinch.distance, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      pinch.distance = distance;
      return tell();
    }
    if (isMeasuring && ruler) {
      ruler.to = spot(event);
      return draw();
    }
    eye.x -= (event.clientX - before.clientX) / eye.scale;
    eye.y -= (event.clientY - before.clientY) / eye.scale;
    keep();
  });
  const up = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = null;
  };
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);
  stage.addEventListener("dblclick", (event) => { zoom(2, event.clientX, event.clientY); tell(); });

  const step = () => Math.min(box().width, box().height) / 4 / eye.scale;
  const keys = {
    ArrowLeft: () => { eye.x -= step(); keep(); }, ArrowRight: () => { eye.x += step(); keep(); },
    ArrowUp: () => { eye.y -= step(); keep(); }, ArrowDown: () => { eye.y += step(); keep(); },
    "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: fit, 1: full, m: () => marks(), l: () => measure(),
  };
  stage.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
    tell();
  });

  const button = (id, act) => {
    document.getElementById(id).addEventListener("click", () => { act(); tell(); });
  };
  function measure() {
    isMeasuring = !isMeasuring;
    ruler = null;
    stage.classList.toggle("is-measuring", isMeasuring);
    document.getElementById("slide-measure").setAttribute("aria-pressed", isMeasuring);
    draw();
  }
  function marks() {
    areMarksShown = !areMarksShown;
    document.getElementById("slide-marks").setAttribute("aria-pressed", areMarksShown);
    draw();
  }
  button("slide-in", () => zoom(1.5));
  button("slide-out", () => zoom(1 / 1.5));
  button("slide-full", full);
  button("slide-fit", fit);
  button("slide-measure", measure);
  button("slide-marks", marks);

  fieldList.addEventListener("click", (event) => {
    const number = Number(event.target.closest("[data-show]")?.dataset.show);
    const field = fields.find((found) => found.number === number);
    if (!field) return;
    show(field.x + field.side / 2, field.y + field.side / 2, 0.8 * Math.min(box().width, box().height) / field.side);
    where.textContent = fill(words.field, { number });
    stage.scrollIntoView({ block: "nearest" });
  });

  // MARK: What becomes of the fields

  let version = null;
  async function follow() {
    const line = document.getElementById("slide-line");
    for (;;) {
      try {
        const answer = await fetch(stage.dataset.marks, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        const found = await answer.json();
        if (found.version !== version) {
          const wasKnown = version !== null;
          version = found.version;
          fields = found.fields;
          stage.dataset.fields = fields.length;
          line.textContent = found.line;
          if (wasKnown) list();
          draw();
        }
        if (!found.isMoving) return;
      } catch { /* the next look tries again */ }
      await new Promise((resolve) => setTimeout(resolve, document.hidden ? 10000 : 2000));
    }
  }

  // The server draws the list; it is taken over as it is.
  async function list() {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("slide-field-list");
    if (!fresh) return;
    const focused = document.activeElement?.closest?.("[data-show]")?.dataset.show;
    fieldList.innerHTML = "";
    fieldList.append(...fresh.children);
    if (focused) fieldList.querySelector(`[data-show="${CSS.escape(focused)}"]`)?.focus();
  }

  new ResizeObserver(() => keep()).observe(stage);
  fit();
  tell();
  follow();
}

// Before its size is known there is no viewer: the page is loaded anew when there is one.
const line = document.getElementById("slide-line");
if (!stage && line?.dataset.moving === "true") setTimeout(() => location.reload(), 4000);
