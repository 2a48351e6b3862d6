// Looking at a stored image, in the full view of a result and on the reader's page: zoom and move by wheel, fingers, keys and
// buttons; layers; brightness, contrast and single colours; lengths in micrometres.

const byId = (id) => document.getElementById(id);
const [lens, dialog, desk] = ["lens", "zoom", "reading-stage"].map(byId);

// The reader's image stands in its page; `reading.js` steers it by `stage.zoomable` and has keys of its own.
if (desk) {
  const sheet = byId("reading-sheet");
  desk.zoomable = zoomable(desk, sheet, byId("reading-zoom"), { isInPage: true });
  prepareLook(sheet);
  prepareMeasuring(desk);
  desk.zoomable.size(Number(sheet.dataset.width), Number(sheet.dataset.height));
}

if (lens && dialog?.showModal) prepareFullView();

// A sheet of an image's size within a stage. In a page, the page goes on scrolling while the whole image fits.
function zoomable(stage, sheet, value, { isInPage = false } = {}) {
  const view = { scale: 1, fit: 1, x: 0, y: 0 };
  const pointers = new Map();
  const watchers = [];
  let width = 0;
  let height = 0;
  let pinch = null;

  const fits = () => view.scale <= view.fit * 1.01;
  const apply = () => {
    const box = stage.getBoundingClientRect();
    const keep = (offset, length, room) => {
      const size = length * view.scale;
      return size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, offset));
    };
    view.x = keep(view.x, width, box.width);
    view.y = keep(view.y, height, box.height);
    sheet.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    sheet.classList.toggle("is-sharp", view.scale >= 3);
    stage.classList.toggle("is-fitting", isInPage && fits());
    value.textContent = `${Math.round(100 * view.scale)} %`;
    for (const watch of watchers) watch();
  };
  const fit = () => {
    const box = stage.getBoundingClientRect();
    view.fit = Math.min(box.width / width, box.height / height);
    view.scale = view.fit;
    apply();
  };
  // The point under the pointer stays where it is.
  const zoom = (factor, x, y) => {
    const box = stage.getBoundingClientRect();
    const [px, py] = [(x ?? box.left + box.width / 2) - box.left, (y ?? box.top + box.height / 2) - box.top];
    const scale = Math.min(16, Math.max(Math.min(view.fit, 1) * 0.8, view.scale * factor));
    view.x = px - (px - view.x) * (scale / view.scale);
    view.y = py - (py - view.y) * (scale / view.scale);
    view.scale = scale;
    apply();
  };
  const move = (x, y) => { view.x += x; view.y += y; apply(); };
  const size = (newWidth, newHeight) => {
    width = newWidth;
    height = newHeight;
    sheet.classList.add("is-live");
    sheet.style.width = `${width}px`;
    sheet.style.height = `${height}px`;
    fit();
  };
  // The pixel of the image at a place in the window, within the image.
  const pixel = (clientX, clientY) => {
    const box = stage.getBoundingClientRect();
    const inside = (place, length) => Math.min(length, Math.max(0, place));
    return [
      inside((clientX - box.left - view.x) / view.scale, width), inside((clientY - box.top - view.y) / view.scale, height),
    ];
  };
  // `tool` gets the presses of one finger or of the mouse in place of moving; two fingers always zoom.
  const self = { view, fit, zoom, move, size, pixel, tool: null, watch: (watcher) => watchers.push(watcher) };

  stage.addEventListener("wheel", (event) => {
    if (isInPage && fits() && !event.ctrlKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    pinch = null;
    if (pointers.size === 1) self.tool?.press(event);
    else self.tool?.giveUp();
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 1) {
      if (self.tool) self.tool.draw(event);
      else move(event.clientX - before.clientX, event.clientY - before.clientY);
      return;
    }
    const [a, b] = pointers.values();
    const now = { distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
    if (pinch) {
      move(now.x - pinch.x, now.y - pinch.y);
      zoom(now.distance / Math.max(1, pinch.distance), now.x, now.y);
    }
    pinch = now;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => {
      if (!pointers.delete(event.pointerId)) return;
      pinch = null;
      if (pointers.size > 0) return;
      if (name === "pointerup") self.tool?.release(event);
      else self.tool?.giveUp();
    });
  }
  stage.addEventListener("dblclick", (event) => {
    if (self.tool) return;
    if (view.scale > view.fit * 1.05) fit();
    else zoom(3, event.clientX, event.clientY);
  });
  return self;
}

// Brightness, contrast and one colour alone, of every photograph on the sheet; nothing of it leaves the page.
function prepareLook(sheet) {
  const sliders = ["brightness", "contrast"].map((name) => ({ name, input: byId(`look-${name}`), value: byId(`look-${name}-value`) }));
  const channels = [...document.querySelectorAll("input[name=look-channel]")];
  const apply = () => {
    const channel = channels.find((input) => input.checked).value;
    const parts = channel === "all" ? [] : [`url("#channel-${channel}")`];
    for (const { name, input, value } of sliders) {
      value.textContent = `${input.value} %`;
      if (input.value !== "100") parts.push(`${name}(${input.value / 100})`);
    }
    sheet.style.setProperty("--look", parts.join(" ") || "none");
  };
  for (const input of [...sliders.map(({ input }) => input), ...channels]) input.addEventListener("input", apply);
  byId("look-reset").addEventListener("click", () => {
    for (const { input } of sliders) input.value = 100;
    channels[0].checked = true;
    apply();
  });
  apply();
}

// Lengths and a bar of a round length, where the scale is known: by two taps, by drawing a line, or by arrows and Enter.
function prepareMeasuring(stage) {
  const { zoomable: look } = stage;
  const { view } = look;
  const [tools, button] = ["look", "look-measure"].map(byId);
  const scale = Number(tools.dataset.scale);
  if (!button || !(scale > 0)) return;
  const words = JSON.parse(tools.dataset.words);
  const part = (name, kind) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
    made.setAttribute("class", name);
    return made;
  };
  const layer = part("measure-layer", "svg");
  const [under, line, label] = [part("measure-under", "path"), part("measure-line", "path"), part("measure-label", "text")];
  layer.setAttribute("aria-hidden", "true");
  layer.append(under, line, label);
  const bar = document.createElement("div");
  bar.className = "scale-bar";
  bar.setAttribute("aria-hidden", "true");
  const [barLine, barWords] = [document.createElement("span"), document.createElement("span")];
  bar.append(barLine, barWords);
  // Over the image, since words that come and go beside it would move it under the finger.
  const told = document.createElement("output");
  told.className = "measure-told";
  stage.append(layer, bar, told);

  // In pixels of the image: where the length begins and where it ends, once these are known, and where the keys are.
  let [begin, end, cursor] = [null, null, null];
  let isNew = false;

  const written = (micrometres, digits) => words.length.replace("{length}", micrometres.toLocaleString(
    document.documentElement.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const length = () => {
    const micrometres = Math.hypot(end[0] - begin[0], end[1] - begin[1]) * scale;
    return written(micrometres, micrometres < 100 ? 1 : 0);
  };
  const place = ([x, y]) => [x * view.scale + view.x, y * view.scale + view.y];
  const cross = ([x, y]) => `M${x - 8} ${y}h16M${x} ${y - 8}v16`;
  const showLine = () => {
    const marks = [begin, end ?? cursor].filter(Boolean).map(place);
    const path = marks.map(cross).join("") + (marks.length === 2 ? `M${marks[0].join(" ")}L${marks[1].join(" ")}` : "");
    for (const stroke of [under, line]) stroke.setAttribute("d", path);
    label.textContent = begin && end ? length() : "";
    if (!begin || !end) return;
    const [[x0, y0], [x1, y1]] = marks;
    label.setAttribute("x", (x0 + x1) / 2);
    label.setAttribute("y", Math.max(18, Math.min(y0, y1) - 12));
  };
  const showBar = () => {
    const room = Math.min(120, stage.clientWidth / 3) * scale / view.scale;
    if (!(room > 0)) return;
    const power = 10 ** Math.floor(Math.log10(room));
    const micrometres = [5, 2, 1].map((step) => step * power).find((step) => step <= room) ?? power;
    barLine.style.width = `${micrometres / scale * view.scale}px`;
    barWords.textContent = written(micrometres, Math.max(0, -Math.floor(Math.log10(micrometres))));
  };
  const tell = () => { told.textContent = begin && end ? length() : begin ? words.end : words.start; };
  const show = () => { showLine(); showBar(); };

  const tool = {
    press(event) {
      const at = look.pixel(event.clientX, event.clientY);
      cursor = null;
      isNew = !begin || Boolean(end);
      if (isNew) begin = at;
      end = at;
      show();
    },
    draw(event) {
      end = look.pixel(event.clientX, event.clientY);
      show();
    },
    release(event) {
      end = look.pixel(event.clientX, event.clientY);
      // A tap is where a length begins; its end is tapped next.
      if (isNew && Math.hypot(end[0] - begin[0], end[1] - begin[1]) * view.scale < 6) end = null;
      show();
      tell();
    },
    giveUp() { [begin, end] = [null, null]; show(); tell(); },
  };
  const turn = (isOn) => {
    look.tool = isOn ? tool : null;
    [begin, end, cursor] = [null, null, null];
    button.setAttribute("aria-pressed", String(isOn));
    stage.classList.toggle("is-measuring", isOn);
    show();
    if (isOn) tell();
    else told.textContent = "";
  };
  const toggle = () => {
    turn(!look.tool);
    if (look.tool) stage.focus({ preventScroll: true });
  };
  stage.measuring = { turn, toggle };
  button.addEventListener("click", toggle);
  // Before the keys that move the image or go to another one.
  stage.addEventListener("keydown", (event) => {
    if (!look.tool || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const box = stage.getBoundingClientRect();
    const middle = () => look.pixel(box.left + box.width / 2, box.top + box.height / 2);
    if (steps[event.key]) {
      const [x, y] = place(cursor ?? end ?? begin ?? middle());
      const far = event.shiftKey ? 1 : 10;
      cursor = look.pixel(box.left + x + steps[event.key][0] * far, box.top + y + steps[event.key][1] * far);
      if (end) [begin, end] = [null, null];
    } else if (event.key === "Enter") {
      const at = cursor ?? middle();
      if (begin && !end) end = at;
      else [begin, end] = [at, null];
      cursor = end ? null : at;
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
    tell();
  });
  look.watch(show);
}

function prepareFullView() {
  const [stage, sheet, opener, tools, layers, pageOpacity, opacity, opacityValue] =
    ["zoom-stage", "zoom-sheet", "zoom-open", "zoom-tools", "zoom-layers", "opacity", "zoom-opacity", "zoom-opacity-value"].map(byId);
  stage.zoomable = zoomable(stage, sheet, byId("zoom-value"));
  const { view, fit, zoom, move, size } = stage.zoomable;
  const boxes = [...layers.querySelectorAll("input")];
  prepareLook(sheet);
  prepareMeasuring(stage);

  const showLayers = () => {
    for (const box of boxes) sheet.querySelector(`[data-layer=${box.value}]`)?.toggleAttribute("hidden", !box.checked);
    const heat = sheet.querySelector("[data-layer=heat]");
    if (!heat) return;
    heat.style.opacity = opacity.value / 100;
    opacityValue.textContent = `${opacity.value} %`;
  };
  for (const box of boxes) box.addEventListener("input", showLayers);
  opacity?.addEventListener("input", () => {
    boxes.find((box) => box.value === "heat").checked = true;
    showLayers();
  });

  // The stored image with all its pixels, and over it the layers, of which the page's choice is shown first.
  const fill = () => {
    const base = byId("lens-base");
    const image = new Image();
    image.alt = base.alt;
    image.className = "photo";
    // The picture of the page stands until all pixels have come.
    image.src = base.src;
    const full = new Image();
    full.onload = () => { image.src = full.src; };
    full.src = dialog.dataset.full;
    const copies = ["cells", "heat", "fields"].map(byId).filter(Boolean).map((layer) => {
      const copy = layer.cloneNode(true);
      copy.dataset.layer = layer.id;
      copy.removeAttribute("id");
      copy.setAttribute("class", `zoom-layer ${{ cells: "photo", heat: "heat-colours", fields: "layer-fields" }[layer.id]}`);
      if (layer.id === "cells") copy.loading = "eager";
      return copy;
    });
    for (const box of boxes) box.checked = Boolean(byId(`lens-${box.value}`)?.checked);
    if (opacity && pageOpacity) opacity.value = pageOpacity.value;
    sheet.replaceChildren(image, ...copies);
    showLayers();
    size(Number(dialog.dataset.width), Number(dialog.dataset.height));
  };
  const show = () => {
    dialog.showModal();
    tools.open = innerWidth >= 992;
    fill();
    stage.focus();
  };

  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // Back closes the full view, on a telephone too, and leaves the page where it is.
    history.pushState({ isFullView: true }, "");
    show();
  });
  if (history.state?.isFullView) history.replaceState(null, "");
  // The dialog tells that it was closed a moment later, when the history may have gone on.
  let isClosedByHistory = false;
  addEventListener("popstate", (event) => {
    if (event.state?.isFullView && !dialog.open) return show();
    if (event.state?.isFullView || !dialog.open) return;
    isClosedByHistory = true;
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    const leaves = !isClosedByHistory;
    isClosedByHistory = false;
    if (dialog.open) return;
    if (leaves && history.state?.isFullView) history.back();
    stage.measuring?.turn(false);
    sheet.replaceChildren();
    opener.focus();
  });

  stage.addEventListener("keydown", (event) => {
    const step = 60;
    const actions = {
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit, "1": () => zoom(1 / view.scale),
      ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0), ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step),
      m: () => stage.measuring?.toggle(),
    };
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  const buttons = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit, close: () => dialog.close() };
  for (const button of dialog.querySelectorAll("[data-zoom]")) button.addEventListener("click", buttons[button.dataset.zoom]);
  const refit = () => { if (dialog.open) fit(); };
  addEventListener("resize", refit);
  tools.addEventListener("toggle", refit);
}
