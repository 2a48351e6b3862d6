// Comfort on top of pages that work without scripts: drag and drop, upload progress, heat map slider.

const byId = (id) => document.getElementById(id);
let isReplaced = false;

function readableSize(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function prepareUpload() {
  const form = byId("upload");
  if (!form) return;
  const [input, camera, drop, preview, chosen] = ["image", "camera", "drop", "preview", "chosen"].map(byId);
  let file = null;

  const choose = (candidate) => {
    if (!candidate) return;
    file = candidate;
    input.required = false;
    chosen.textContent = `${form.dataset.chosen}${candidate.name} (${readableSize(candidate.size)})`;
    const reader = new FileReader();
    preview.hidden = true;
    reader.onload = () => { preview.src = reader.result; };
    preview.onload = () => { preview.hidden = false; };
    reader.readAsDataURL(candidate);
  };

  if (matchMedia("(pointer: coarse)").matches) byId("camera-row").hidden = false;
  input.addEventListener("change", () => choose(input.files[0]));
  camera.addEventListener("change", () => choose(camera.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("is-over"); });
  }
  drop.addEventListener("drop", (event) => choose(event.dataTransfer.files[0]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (file) send(form, file);
    else chosen.textContent = form.dataset.none;
  });
}

function send(form, file) {
  const [row, words, bar] = ["progress", "progress-text", "progress-bar"].map(byId);
  const button = form.querySelector("button[type=submit]");
  const body = new FormData();
  const csrf = form.querySelector("input[name=csrf]");
  if (csrf) body.append("csrf", csrf.value);
  body.append("image", file, "image");
  const request = new XMLHttpRequest();
  const started = performance.now();
  const fail = () => {
    button.disabled = false;
    bar.hidden = true;
    words.textContent = form.dataset.failed;
  };
  button.disabled = true;
  row.hidden = false;
  bar.hidden = false;
  words.textContent = form.dataset.uploading;
  request.upload.onprogress = (event) => {
    if (!event.lengthComputable) return;
    const share = event.loaded / event.total;
    const left = Math.ceil(((performance.now() - started) / 1000) * (1 / share - 1));
    bar.value = 100 * share;
    words.textContent = `${form.dataset.uploading} ${Math.round(100 * share)} %${left > 1 ? ` · ${left} s` : ""}`;
  };
  request.upload.onload = () => {
    bar.removeAttribute("value");
    words.textContent = form.dataset.looking;
  };
  request.onerror = fail;
  request.ontimeout = fail;
  request.onload = () => {
    if (!show(request.responseText)) fail();
  };
  request.open("POST", form.action);
  request.send(body);
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const main = answer.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(main);
  document.title = answer.title;
  history.pushState({}, "", "/screen");
  isReplaced = true;
  scrollTo(0, 0);
  main.focus();
  prepareViewer();
  return true;
}

function prepareViewer() {
  const [heat, slider, opacity, value] = ["heat", "slider", "opacity", "opacity-value"].map(byId);
  if (!heat || !slider) return;
  const apply = () => {
    heat.style.opacity = opacity.value / 100;
    value.textContent = `${opacity.value} %`;
  };
  slider.hidden = false;
  opacity.value = 60;
  opacity.addEventListener("input", () => {
    // Moving the slider means looking at the heat map.
    (byId("lens-heat") ?? byId("heat-check")).checked = true;
    apply();
  });
  apply();
}

// Back from an answer that was put into the page it was asked on; other steps of the history are the pages' own.
addEventListener("popstate", () => { if (isReplaced) location.reload(); });
prepareUpload();
prepareViewer();

// The account menu closes by Escape, which gives the focus back, and by a tap elsewhere.
const menu = document.querySelector(".account-menu");
if (menu) {
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}
// A page with errors begins at what is wrong.
document.querySelector(".notice.is-wrong a[href^='#'], [aria-invalid='true']")?.focus();
