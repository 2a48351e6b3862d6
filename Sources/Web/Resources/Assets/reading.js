// The reader's page: both hands on the keyboard, drafts kept by themselves, and a signature nobody gives by accident.
// Without this script the page is a form with a tick before the signature.

const find = (id) => document.getElementById(id);
const page = find("reading");
if (page) prepareReading(JSON.parse(page.dataset.words));

function prepareReading(words) {
  const [stage, image, heat, cells, form, help] =
    ["reading-stage", "reading-image", "reading-heat", "reading-cells", "reading-form", "reading-help"].map(find);
  const { zoomable } = stage;
  find("reading-tools").hidden = false;
  find("reading-plain").hidden = true;
  showAllPixels(image, find("reading-sheet").dataset.full);

  const layers = { heat, cells };
  const toggle = (name) => {
    const layer = layers[name];
    if (!layer) return;
    const shows = layer.hidden;
    for (const [key, other] of Object.entries(layers)) {
      if (!other) continue;
      other.hidden = key !== name || !shows;
      find(`toggle-${key}`)?.setAttribute("aria-pressed", String(!other.hidden));
    }
  };
  for (const name of ["heat", "cells"]) find(`toggle-${name}`)?.addEventListener("click", () => toggle(name));
  prepareOpacity(heat, () => { if (heat.hidden) toggle("heat"); });

  const zooms = { in: () => zoomable.zoom(1.5), out: () => zoomable.zoom(1 / 1.5), fit: zoomable.fit };
  for (const button of page.querySelectorAll("[data-stage]")) button.addEventListener("click", zooms[button.dataset.stage]);
  addEventListener("resize", () => zoomable.fit());
  prepareFullScreen(zoomable);

  const desk = form ? prepareForm(form, words) : null;
  const go = async (link) => {
    if (!link) return;
    if (desk) await desk.settle();
    location.href = link.href;
  };
  for (const id of ["reading-previous", "reading-next", "reading-list"]) {
    find(id)?.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || !desk) return;
      event.preventDefault();
      go(event.currentTarget);
    });
  }
  find("reading-help-open").addEventListener("click", () => help.showModal());
  find("reading-help-close").addEventListener("click", () => help.close());

  prepareKeys({
    "1": () => desk?.choose("1"), "2": () => desk?.choose("2"), "3": () => desk?.choose("3"), "4": () => desk?.choose("4"),
    "0": () => desk?.choose("0"), u: () => desk?.choose("0"), n: () => find("comment")?.focus(),
    h: () => toggle("heat"), c: () => toggle("cells"), f: zoomable.fit, m: () => stage.measuring?.toggle(),
    "+": () => zoomable.zoom(1.25), "=": () => zoomable.zoom(1.25), "-": () => zoomable.zoom(0.8),
    ArrowRight: () => go(find("reading-next")), ArrowLeft: () => go(find("reading-previous")),
    Enter: () => desk?.ask(), "?": () => help.showModal(),
  }, zoomable);
}

// The display picture stands until the stored image with all its pixels has come.
function showAllPixels(image, address) {
  const full = new Image();
  full.onload = () => { image.src = full.src; };
  full.src = address;
}

// The image with its tools over the whole screen; Escape and, on a telephone, Back leave it.
function prepareFullScreen(zoomable) {
  const [look, button] = ["reading-look", "reading-full"].map(find);
  if (!document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : look.requestFullscreen()));
  look.addEventListener("fullscreenchange", () => {
    button.setAttribute("aria-pressed", String(document.fullscreenElement === look));
    zoomable.fit();
  });
}

function prepareOpacity(heat, show) {
  const [slider, value] = [find("reading-opacity"), find("reading-opacity-value")];
  if (!heat || !slider) return;
  const apply = () => {
    heat.style.opacity = slider.value / 100;
    value.textContent = `${slider.value} %`;
  };
  slider.addEventListener("input", () => { show(); apply(); });
  apply();
}

// Choosing, keeping a draft, signing.
function prepareForm(form, words) {
  const [status, dialog, confirmRow] = ["reading-status", "sign-dialog", "confirm-row"].map(find);
  const confirm = confirmRow.querySelector("input");
  const label = () => form.querySelector("input[name=label]:checked");
  let timer = 0;
  let isChanged = false;
  let isSigning = false;
  let running = Promise.resolve();
  confirmRow.hidden = true;
  confirm.required = false;

  const send = async (keepalive) => {
    isChanged = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("action", "draft");
    for (const name of ["confirm", "password", "code"]) body.delete(name);
    status.textContent = words.saving;
    try {
      // Not `form.action`, which is the buttons of that name.
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      status.textContent = words.saved;
    } catch (error) {
      isChanged = true;
      status.textContent = error instanceof TypeError ? words.unsaved : error.message;
    }
  };
  // One after another, so that an older draft never overtakes a newer one.
  const save = (keepalive = false) => {
    clearTimeout(timer);
    if (!isChanged || isSigning) return running;
    running = running.then(() => send(keepalive));
    return running;
  };
  const changed = () => {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1500);
  };
  form.addEventListener("input", changed);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(true); });

  const choose = (key) => {
    const radio = form.querySelector(`input[data-key="${key}"]`);
    radio.checked = true;
    // The focus stays where it is: on a radio button an arrow would choose the next class instead of going on.
    status.textContent = radio.dataset.name;
    changed();
  };
  const ask = () => {
    const chosen = label();
    if (!chosen) {
      status.textContent = words.choose;
      form.querySelector("input[name=label]").focus();
      return;
    }
    find("sign-class").textContent = chosen.dataset.name;
    find("sign-how").textContent = words.pressAgain.replace("{key}", chosen.dataset.key);
    dialog.showModal();
  };
  const sign = async () => {
    if (isSigning) return;
    clearTimeout(timer);
    isSigning = true;
    await running;
    confirm.checked = true;
    const action = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: "sign" });
    form.append(action);
    form.submit();
  };
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value === "sign") {
      event.preventDefault();
      ask();
    }
  });
  find("sign-back").addEventListener("click", () => dialog.close());
  find("sign-now").addEventListener("click", sign);
  // The number of the class, pressed once more and not held down, is the answer; Enter rests on “Go back”.
  dialog.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase() === "u" ? "0" : event.key;
    if (key === label()?.dataset.key) {
      event.preventDefault();
      sign();
    }
  });
  return { choose, ask, settle: save };
}

// Single keys, which can be turned off (WCAG 2.2, 2.1.4); never where somebody types, and never in a dialog.
function prepareKeys(actions, zoomable) {
  const box = find("shortcuts");
  const remembered = () => { try { return localStorage.getItem("reading-shortcuts"); } catch { return null; } };
  box.checked = remembered() !== "off";
  box.addEventListener("change", () => {
    try { localStorage.setItem("reading-shortcuts", box.checked ? "on" : "off"); } catch { /* this page alone, then */ }
  });
  const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const { target } = event;
    if (target.id === "comment" && event.key === "Escape") return target.blur();
    const types = target.matches("textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=range])");
    if (types || (!box.checked && event.key !== "?")) return;
    if (event.shiftKey && moves[event.key]) {
      event.preventDefault();
      return zoomable.move(...moves[event.key]);
    }
    // Arrows choose among radio buttons and move the slider; Enter presses what has the focus.
    if (event.key.startsWith("Arrow") && target.matches("input")) return;
    if (event.key === "Enter" && (event.repeat || target.matches("a, button, summary, input[type=checkbox]"))) return;
    const action = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
