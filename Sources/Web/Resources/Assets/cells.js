// The gallery of cells: choose with mouse and keyboard, move by letters or by dragging, take back, see where a cell lies.
// Without this script the same form moves what is ticked.

const find = (id) => document.getElementById(id);
// The page of a result has details of that name too.
const gallery = document.querySelector("article.cells");
if (gallery) start();

function start() {
  const words = JSON.parse(gallery.dataset.words);
  preparePlace(words);
  const form = find("cells-form");
  if (!form || !find("cells-bar")) return;
  const boxes = () => [...form.querySelectorAll("input[name=cell]")];
  const chosen = () => boxes().filter((box) => box.checked);
  const tile = (box) => box.closest(".cell-tile");
  const status = find("cells-chosen");
  let anchor = null;
  let running = Promise.resolve();

  const tell = (text) => { status.textContent = text; };
  const say = () => tell(words.chosen.replace("{count}", chosen().length));
  const choose = (wanted, adds) => {
    for (const box of boxes()) box.checked = wanted.has(box) || (adds && box.checked);
    say();
  };
  const range = (from, to) => {
    const all = boxes();
    const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
    return new Set(all.slice(Math.max(0, first), last + 1));
  };

  // MARK: Cells like one

  const vectors = new Map();
  const vector = (box) => {
    if (!vectors.has(box.value)) {
      vectors.set(box.value, Int8Array.from(atob(tile(box).dataset.embedding), (c) => (c.charCodeAt(0) << 24) >> 24));
    }
    return vectors.get(box.value);
  };
  const cosine = (a, b) => {
    let [product, own, other] = [0, 0, 0];
    for (let index = 0; index < a.length; index += 1) {
      product += a[index] * b[index];
      own += a[index] * a[index];
      other += b[index] * b[index];
    }
    return own && other && a.length === b.length ? product / Math.sqrt(own * other) : 0;
  };
  const slider = find("cells-similarity");
  let like = null;
  const chooseAlike = () => {
    const near = boxes().filter((box) => cosine(vector(like), vector(box)) >= slider.value / 100);
    choose(new Set(near), false);
    tell(words.alike.replace("{count}", near.length).replace("{percent}", slider.value));
  };
  const alike = () => {
    const focused = document.activeElement;
    like = focused?.name === "cell" ? focused : chosen()[0];
    if (like) chooseAlike();
  };
  find("cells-alike").hidden = false;
  find("cells-alike-button").addEventListener("click", () => {
    like = chosen()[0];
    if (like) chooseAlike();
  });
  slider.addEventListener("input", () => {
    find("cells-similarity-value").textContent = `${slider.value} %`;
    if (like && form.contains(like)) chooseAlike();
  });

  // MARK: Changes

  const send = (fields) => {
    running = running.then(async () => {
      const body = new URLSearchParams(new FormData(form));
      body.delete("cell");
      for (const [name, value] of fields) body.append(name, value);
      try {
        const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.detail);
        show(told);
        return told;
      } catch (error) {
        tell(error instanceof TypeError ? words.failed : error.message);
        return null;
      }
    });
    return running;
  };
  const move = async (type) => {
    const keys = chosen().map((box) => box.value);
    if (!keys.length) return;
    const focused = document.activeElement?.name === "cell" ? document.activeElement : null;
    const next = neighbour(keys);
    if (!await send([["to", type], ...keys.map((key) => ["cell", key])])) return;
    choose(new Set(), false);
    tell(words.moved.replace("{count}", keys.length));
    if (focused) (next ?? boxes()[0])?.focus();
  };
  const undo = async () => {
    if (find("cells-undo").hidden) return;
    if (await send([["action", "undo"]])) tell(words.undone);
  };

  // The cell to go on with: the first one after those that go.
  const neighbour = (keys) => {
    const all = boxes();
    const last = all.findLastIndex((box) => keys.includes(box.value));
    return all.slice(last + 1).find((box) => !keys.includes(box.value)) ?? all.find((box) => !keys.includes(box.value));
  };

  const show = (told) => {
    const changed = new Set(told.changed);
    for (const box of boxes()) {
      const [type, own] = [told.types[box.value], tile(box)];
      own.classList.toggle("is-changed", changed.has(box.value));
      const group = own.closest(".cells-group");
      if (type && type !== group.dataset.type) {
        form.querySelector(`.cells-group[data-type="${type}"] .cells-tiles`).append(own);
      }
    }
    for (const group of form.querySelectorAll(".cells-group")) {
      const count = group.querySelectorAll(".cell-tile").length;
      group.querySelector(".cells-number").textContent = count;
      group.classList.toggle("is-empty", !count);
    }
    find("cells-blasts").textContent = told.blasts;
    find("cells-status").textContent = told.status;
    find("cells-progress").textContent = told.progress;
    find("cells-total").textContent = told.total;
    find("cells-outside").textContent = told.outside.map((row) => `${row.name}: ${row.count} (${row.network}). `).join("");
    find("cells-rows").replaceChildren(...told.rows.map((row) => {
      const line = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: row.name });
      line.append(head, ...[row.count, row.percent, row.interval, row.network].map((value) =>
        Object.assign(document.createElement("td"), { textContent: value })));
      return line;
    }));
    find("cells-undo").hidden = !told.canUndo;
    const digest = find("cells-digest");
    // A count that was confirmed and is no more can be confirmed again on the page as it is then.
    if (digest) digest.value = told.digest; else if (told.isPreliminary) location.reload();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.value === "undo") undo(); else if (button?.name === "to") move(button.value);
  });

  // MARK: Keyboard and mouse

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "cell") return;
    if (event.shiftKey && anchor) choose(range(anchor, box), true); else anchor = box;
    say();
    showPlace(tile(box), words);
  });
  const rowStep = (box, direction) => {
    // The nearest tile of the next row, as it is drawn.
    const own = tile(box).getBoundingClientRect();
    let best = null;
    for (const other of boxes()) {
      const place = tile(other).getBoundingClientRect();
      const down = (place.top - own.top) * direction;
      if (down < own.height / 2) continue;
      const distance = down * 4 + Math.abs(place.left - own.left);
      if (!best || distance < best.distance) best = { box: other, distance };
    }
    return best?.box;
  };
  form.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      undo();
      return;
    }
    if (box.name !== "cell" || event.altKey) return;
    const all = boxes();
    const index = all.indexOf(box);
    const steps = { ArrowRight: () => all[index + 1], ArrowLeft: () => all[index - 1], ArrowDown: () => rowStep(box, 1), ArrowUp: () => rowStep(box, -1) };
    if (steps[event.key]) {
      event.preventDefault();
      const next = steps[event.key]();
      if (!next) return;
      if (event.shiftKey) {
        anchor ??= box;
        choose(range(anchor, next), false);
      } else {
        anchor = next;
      }
      next.focus();
      showPlace(tile(next), words);
      return;
    }
    if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      choose(new Set(box.closest(".cells-group").querySelectorAll("input[name=cell]")), false);
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") choose(new Set(), false);
    if (event.key === "=") {
      event.preventDefault();
      alike();
    }
    const button = find("cells-bar").querySelector(`[data-letter="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      if (!chosen().length) box.checked = true;
      move(button.value);
    }
  });

  // MARK: Drag and drop

  for (const box of boxes()) tile(box).draggable = true;
  form.addEventListener("dragstart", (event) => {
    const box = event.target.closest?.(".cell-tile")?.querySelector("input[name=cell]");
    if (!box) return;
    if (!box.checked) choose(new Set([box]), false);
    event.dataTransfer.setData("text/plain", box.value);
    event.dataTransfer.effectAllowed = "move";
    for (const one of chosen()) tile(one).classList.add("is-dragged");
  });
  form.addEventListener("dragend", () => {
    for (const one of form.querySelectorAll(".is-dragged, .is-over")) one.classList.remove("is-dragged", "is-over");
  });
  const target = (event) => event.target.closest?.(".cells-group, .cells-types button");
  form.addEventListener("dragover", (event) => {
    const over = target(event);
    for (const one of form.querySelectorAll(".is-over")) if (one !== over) one.classList.remove("is-over");
    if (!over) return;
    event.preventDefault();
    over.classList.add("is-over");
  });
  form.addEventListener("drop", (event) => {
    const over = target(event);
    if (!over) return;
    event.preventDefault();
    move(over.dataset.type ?? over.value);
  });
}

// A click on a cell's mark shows where it lies, without another page.
function preparePlace(words) {
  gallery.addEventListener("click", (event) => {
    const link = event.target.closest(".cell-where");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    showPlace(link.closest(".cell-tile"), words);
    find("place").scrollIntoView({ block: "nearest" });
  });
}

function showPlace(tile, words) {
  const [x, y, width, height] = tile.dataset.box.split(" ");
  const [across, down] = tile.dataset.size.split(" ");
  const image = find("cells-image");
  if (image.getAttribute("href") !== tile.dataset.picture) image.setAttribute("href", tile.dataset.picture);
  image.setAttribute("width", across);
  image.setAttribute("height", down);
  find("cells-picture").setAttribute("viewBox", `0 0 ${across} ${down}`);
  for (const id of ["cells-box", "cells-box-under"]) {
    for (const [name, value] of Object.entries({ x, y, width, height })) find(id).setAttribute(name, value);
  }
  const label = tile.querySelector("input, [aria-label]").getAttribute("aria-label");
  find("place-title").textContent = words.place.replace("{cell}", label);
  find("place").hidden = false;
  for (const one of gallery.querySelectorAll(".is-shown")) one.classList.remove("is-shown");
  tile.classList.add("is-shown");
}
