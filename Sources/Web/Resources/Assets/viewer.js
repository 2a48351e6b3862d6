// The full view of a stored image: zoom by wheel, pinch, keys and buttons; move by dragging and arrows.

const [lens, dialog, stage, sheet, opener] = ["lens", "zoom", "zoom-stage", "zoom-sheet", "zoom-open"].map((id) => document.getElementById(id));
const opacity = document.getElementById("opacity");

// Moving the slider means looking at the heat map; looking at something else puts the slider to rest.
if (lens && opacity) {
  const heat = document.getElementById("lens-heat");
  opacity.addEventListener("input", () => { heat.checked = true; });
}

// The reader's image stands in its page; `reading.js` steers it by `stage.zoomable` and has keys of its own.
const desk = document.getElementById("reading-stage");
if (desk) {
  desk.zoomable = zoomable(desk, document.getElementById("reading-sheet"), document.getElementById("reading-zoom"));
  desk.zoomable.size(Number(desk.firstElementChild.dataset.width), Number(desk.firstElementChild.dataset.height));
}

if (lens && dialog?.showModal) prepareZoom();

// A sheet of an image's size within a stage: zoom by wheel and pinch, move by dragging.
function zoomable(stage, sheet, value) {
  const view = { scale: 1, fit: 1, x: 0, y: 0 };
  const pointers = new Map();
  let width = 0;
  let height = 0;
  let pinch = null;

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
    value.textContent = `${Math.round(100 * view.scale)} %`;
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

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), event.clientX, event.clientY);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    pinch = null;
  });
  stage.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 1) return move(event.clientX - before.clientX, event.clientY - before.clientY);
    const [a, b] = pointers.values();
    const now = { distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
    if (pinch) {
      move(now.x - pinch.x, now.y - pinch.y);
      zoom(now.distance / Math.max(1, pinch.distance), now.x, now.y);
    }
    pinch = now;
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => { pointers.delete(event.pointerId); pinch = null; });
  }
  stage.addEventListener("dblclick", (event) => {
    if (view.scale > view.fit * 1.05) fit();
    else zoom(3, event.clientX, event.clientY);
  });
  return { view, fit, zoom, move, size };
}

function prepareZoom() {
  const { view, fit, zoom, move, size } = zoomable(stage, sheet, document.getElementById("zoom-value"));

  // The stored image with all its pixels, and over it what was chosen: nothing, the heat map, or the cells.
  const fill = () => {
    const base = document.getElementById("lens-base");
    const layer = ["heat", "cells", "fields"].find((name) => document.getElementById(`lens-${name}`)?.checked);
    const image = new Image();
    image.alt = base.alt;
    image.src = dialog.dataset.full;
    const parts = [image];
    if (layer) {
      const copy = document.getElementById(layer).cloneNode(true);
      copy.removeAttribute("id");
      copy.setAttribute("class", layer === "fields" ? "zoom-layer layer-fields" : "zoom-layer");
      copy.style.opacity = layer === "heat" && opacity ? opacity.value / 100 : 1;
      copy.loading = "eager";
      parts.push(copy);
    }
    sheet.replaceChildren(...parts);
    const ready = () => size(image.naturalWidth || base.width, image.naturalHeight || base.height);
    image.onload = ready;
    if (image.complete) ready();
  };

  opener.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
    fill();
    stage.focus();
  });
  stage.addEventListener("keydown", (event) => {
    const step = 60;
    const actions = {
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit, "1": () => zoom(1 / view.scale),
      ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0), ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  const buttons = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit, close: () => dialog.close() };
  for (const button of dialog.querySelectorAll("[data-zoom]")) button.addEventListener("click", buttons[button.dataset.zoom]);
  dialog.addEventListener("close", () => { sheet.replaceChildren(); opener.focus(); });
  addEventListener("resize", () => { if (dialog.open) fit(); });
}
