// Several images at once: a row with progress for each, smaller copies for slow networks, and another try with the same
// key when the connection breaks, so that nothing is stored twice.

const form = document.getElementById("case-upload");
const longSide = 2048;
const lanes = 2;
const maximumTries = 8;

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (milliseconds, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, milliseconds);
  signal?.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

function untilOnline(signal) {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((resolve) => {
    addEventListener("online", resolve, { once: true });
    signal?.addEventListener("abort", resolve, { once: true });
  });
}

// A copy with its longer side at most 2048 pixels; the file itself where the browser cannot read it or it is no larger.
async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = longSide / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const copy = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
  return copy && copy.size < file.size ? copy : file;
}

const text = (bytes, from, length) => String.fromCharCode(...bytes.subarray(from, from + length));
const starts = (bytes, ...values) => values.every((value, index) => bytes[index] === value);

// Of a file in boxes (ISO base media): a photograph, or what is not read; as the server tells them apart.
function boxedKind(bytes) {
  const end = Math.min(Math.max(new DataView(bytes.buffer).getUint32(0), 16), bytes.length);
  const brands = [text(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(text(bytes, at, 4));
  if (/^avi[fs]$/.test(brands[0])) return "avif";
  if (brands[0] === "crx ") return "cameraRaw";
  if (brands.some((brand) => /^he[iv][cmsx]$/.test(brand))) return "read";
  if (brands.includes("avif")) return "avif";
  return ["mif1", "mif2", "msf1"].includes(brands[0]) ? "read" : "video";
}

// What the first bytes of a file say it is: "read", a kind that is not read, or null.
function kind(bytes) {
  const four = text(bytes, 0, 4);
  if (starts(bytes, 0xff, 0xd8, 0xff) || starts(bytes, 0x89, 0x50, 0x4e, 0x47)) return "read";
  if (/^(II[*+]\0|MM\0[*+])$/.test(four) || four.startsWith("BM")) return "read";
  if (four === "RIFF") return { WEBP: "read", "AVI ": "video" }[text(bytes, 8, 4)] ?? null;
  if (four.startsWith("GIF8")) return "gif";
  if (text(bytes, 128, 4) === "DICM") return "dicom";
  if (four === "8BPS") return "photoshop";
  if (four === "PK\u0003\u0004") return "archive";
  if (starts(bytes, 0xff, 0x0a) || text(bytes, 4, 4) === "JXL ") return "jpegXL";
  if (starts(bytes, 0xff, 0x4f, 0xff, 0x51) || text(bytes, 4, 4) === "jP  ") return "jpeg2000";
  if (text(bytes, 4, 4) === "ftyp" && bytes.length >= 12) return boxedKind(bytes);
  if (starts(bytes, 0x1a, 0x45, 0xdf, 0xa3) || starts(bytes, 0, 0, 1, 0xba) || starts(bytes, 0, 0, 1, 0xb3) ||
      starts(bytes, 0x30, 0x26, 0xb2, 0x75) || /^(moov|mdat|wide)$/.test(text(bytes, 4, 4))) return "video";
  return text(bytes, 0, 1024).includes("%PDF-") ? "pdf" : null;
}

// Why the server would not take the file, as far as the browser can know; null where nothing speaks against it.
async function refusal(row, words, willShrink) {
  const { file, pixels } = row;
  const { refusals, foreign, limits } = words;
  if (file.size === 0) return refusals.empty;
  let found;
  try {
    found = kind(new Uint8Array(await file.slice(0, 4096).arrayBuffer()));
  } catch {
    return refusals.format; // A folder, or a file that is gone.
  }
  if (found === null) return refusals.format;
  if (found !== "read") return foreign[found];
  if (pixels && Math.min(pixels.width, pixels.height) < limits.side) {
    return fill(refusals.tooSmall, { ...pixels, minimum: limits.side });
  }
  if (willShrink && pixels) return null;
  if (file.size > limits.bytes) return fill(refusals.tooManyBytes, { megabytes: limits.bytes / 1e6 });
  if (pixels && pixels.width * pixels.height > limits.pixels) {
    return fill(refusals.tooManyPixels, { ...pixels, megapixels: limits.pixels / 1e6 });
  }
  return null;
}

class Row {
  constructor(file, words, onRemove) {
    this.file = file;
    this.words = words;
    this.key = randomKey();
    this.state = "waiting";
    this.controller = new AbortController();
    this.element = document.createElement("li");
    this.element.className = "upload-row";
    const picture = document.createElement("img");
    picture.alt = "";
    picture.width = picture.height = 44;
    // Width and height, once the browser knows them; null for what it cannot show, such as a TIFF.
    this.pixels = null;
    const reader = new FileReader();
    reader.onload = () => { picture.src = reader.result; };
    this.seen = new Promise((resolve) => {
      picture.onload = () => {
        this.pixels = { width: picture.naturalWidth, height: picture.naturalHeight };
        resolve();
      };
      // A TIFF, or no image at all: an even square stands for it.
      picture.onerror = () => {
        picture.removeAttribute("src");
        resolve();
      };
      reader.onerror = resolve;
      // A film dropped here would fill the memory.
      if (file.size > 100e6) resolve();
      else reader.readAsDataURL(file);
    });
    const middle = document.createElement("div");
    const name = document.createElement("p");
    name.className = "upload-name";
    name.textContent = `${file.name || "image"} · ${size(file.size)}`;
    this.line = document.createElement("p");
    this.line.className = "upload-line";
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", file.name || "image");
    middle.append(name, this.bar, this.line);
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "quiet-button";
    this.button.addEventListener("click", () => onRemove(this));
    this.element.append(picture, middle, this.button);
    this.show("waiting", words.waiting, words.remove);
  }

  // Says before anything is sent what the server would refuse.
  async check(willShrink, limits) {
    if (!["waiting", "unfit"].includes(this.state)) return;
    await this.seen;
    const reason = await refusal(this, limits, willShrink);
    if (!["waiting", "unfit"].includes(this.state)) return;
    if (reason) this.show("unfit", fill(this.words.refused, { reason }), this.words.remove);
    else this.show("waiting", this.words.waiting, this.words.remove);
  }

  show(state, line, button) {
    this.state = state;
    this.element.dataset.state = state;
    this.line.textContent = line;
    this.button.hidden = !button;
    if (button) {
      this.button.textContent = button;
      this.button.setAttribute("aria-label", `${button}: ${this.file.name}`);
    }
  }

  progress(share) {
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
  }
}

function post(address, body, headers, signal, onProgress) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve({ status: -1, answer: {}, wait: 0 });
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.timeout = 180000;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onProgress) {
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      };
    }
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* An error page of something between. */ }
      resolve({ status: request.status, answer, wait: Number(request.getResponseHeader("Retry-After")) || 0 });
    };
    request.onerror = request.ontimeout = () => resolve({ status: 0, answer: {}, wait: 0 });
    request.onabort = () => resolve({ status: -1, answer: {}, wait: 0 });
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

// Sends until it is taken, refused for good, cancelled, or hopeless.
async function patiently(address, makeBody, headers, row, words, onProgress) {
  for (let attempt = 1; ; attempt += 1) {
    const result = await post(address, makeBody(), headers, row?.controller.signal, onProgress);
    const mayRetry = result.status === 0 || result.status === 429 || result.status === 408 || result.status >= 500;
    if (!mayRetry || attempt >= maximumTries) return result;
    if (!navigator.onLine) {
      row?.show("offline", words.offline, words.cancel);
      await untilOnline(row?.controller.signal);
    } else {
      const seconds = Math.max(result.wait, Math.min(30, 2 ** (attempt - 1)));
      row?.show("retrying", fill(words.retrying, { seconds: String(seconds) }), words.cancel);
      await pause(1000 * seconds, row?.controller.signal);
    }
    if (row?.controller.signal.aborted) return { status: -1, answer: {}, wait: 0 };
  }
}

function prepare() {
  const told = JSON.parse(form.dataset.words);
  const words = told.progress;
  const [input, camera, drop, list, status, shrink] =
    ["case-images", "case-camera", "case-drop", "upload-list", "upload-status", "shrink"].map((id) => document.getElementById(id));
  const submit = form.querySelector("button[type=submit]");
  const headers = { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value };
  const isNew = form.dataset.new === "1";
  // A new case is kept on the device before it is sent, and goes on from there when this page is gone. The page may be a
  // copy, which names a case that was sent long ago: each has a name of its own.
  const { waitingCases } = globalThis;
  const { account, copiedAt } = document.documentElement.dataset;
  const canWait = isNew && Boolean(account) && Boolean(waitingCases?.isAvailable);
  if (canWait) {
    form.elements.case.value = waitingCases.newID();
    headers["Idempotency-Key"] = form.elements.case.value;
  }
  let isKept = false;
  let rows = [];
  let busy = false;

  const summarize = () => {
    const sent = rows.filter((row) => row.state === "sent").length;
    status.textContent = rows.length ? fill(words.summary, { sent: String(sent), count: String(rows.length) }) : "";
    list.hidden = rows.length === 0;
    input.required = rows.length === 0;
  };

  const remove = (row) => {
    if (["refused", "unfit", "unreachable", "waiting", "cancelled"].includes(row.state)) {
      rows = rows.filter((other) => other !== row);
      // What the device kept of it would be sent later.
      if (canWait) waitingCases.release(form.elements.case.value, row.key).catch(() => {});
      const next = row.element.nextElementSibling?.querySelector("button") ?? input;
      row.element.remove();
      next.focus();
    } else {
      row.controller.abort();
    }
    summarize();
  };

  const choose = (files) => {
    for (const file of files) {
      const row = new Row(file, words, remove);
      rows.push(row);
      list.append(row.element);
      row.check(shrink.checked, told);
    }
    input.value = "";
    camera.value = "";
    summarize();
  };

  // The person in care whose case it is, empty for one's own: taken when it is sent, and the same for every try.
  const subject = form.elements.for;
  let whose = null;
  let mayBeMade = false;
  const holdSubject = () => {
    whose ??= subject?.value ?? "";
    if (subject) subject.disabled = true;
  };
  const freeSubject = () => {
    if (mayBeMade) return;
    whose = null;
    if (subject) subject.disabled = false;
  };

  const smallerWhereWished = async (row) => {
    if (!shrink.checked) return row.file;
    row.show("sending", words.shrinking, words.cancel);
    return smaller(row.file);
  };

  // Puts the case with these images on the device; false where there is no room.
  const keep = async (queue) => {
    for (const row of queue) row.kept = await smallerWhereWished(row);
    // Without those that were removed meanwhile.
    const stays = queue.filter((row) => rows.includes(row) && !row.controller.signal.aborted);
    const images = stays.map((row) => ({ key: row.key, name: row.file.name, file: row.kept }));
    if (images.length === 0) return false;
    try {
      await waitingCases.keep({ id: form.elements.case.value, account, title: form.elements.title.value, for: whose, images });
    } catch {
      return false;
    }
    navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("waiting-cases")).catch(() => {});
    return true;
  };

  const send = async (row, address) => {
    const file = row.kept ?? (await smallerWhereWished(row));
    const started = performance.now();
    const body = () => {
      const data = new FormData();
      data.append("uploadKey", row.key);
      data.append("image", file, "image");
      row.show("sending", fill(words.sending, { percent: "0", size: size(file.size), left: "" }), words.cancel);
      return data;
    };
    const result = await patiently(address, body, headers, row, words, (share) => {
      const left = Math.ceil(((performance.now() - started) / 1000) * (1 / share - 1));
      row.progress(share < 1 ? 100 * share : null);
      const values = { percent: String(Math.round(100 * share)), size: size(file.size), left: left > 1 ? ` · ${left} s` : "" };
      row.line.textContent = fill(words.sending, values);
    });
    row.progress(result.status === 201 ? 100 : 0);
    if (result.status === 201) row.show("sent", words.sent, null);
    else if (result.status === -1) row.show("cancelled", words.cancelled, words.remove);
    else if (result.status >= 400 && result.status < 500) {
      row.show("refused", fill(words.refused, { reason: result.answer.detail ?? String(result.status) }), words.remove);
    } else row.show("unreachable", words.unreachable, words.remove);
    // What a new session or a quieter moment may still take stays on the device.
    if (isKept && (["sent", "cancelled"].includes(row.state) || waitingCases.isRefused(result.status))) {
      await waitingCases.release(form.elements.case.value, row.key);
    }
    summarize();
    if (result.status === 201) document.dispatchEvent(new CustomEvent("case:changed"));
  };

  const openCase = async () => {
    if (!isNew) return { address: form.getAttribute("action").replace(/\/images$/, "") };
    const body = () => new URLSearchParams({ title: form.elements.title.value, for: whose, case: form.elements.case.value });
    const result = await patiently("/cases", body, headers, null, words, null);
    // Without a clear refusal the server may have it, or get it from the device.
    if (result.status < 400 || result.status >= 500 || [401, 408, 429].includes(result.status)) mayBeMade = true;
    if (isKept && waitingCases.isRefused(result.status)) await waitingCases.remove(form.elements.case.value);
    return result.status === 201 ? result.answer : { error: result.answer.detail ?? words.unreachable };
  };

  const sendAll = async () => {
    const queue = rows.filter((row) => ["waiting", "unreachable"].includes(row.state));
    if (!canWait) return sendRows(queue);
    const wait = () => {
      busy = false;
      mayBeMade = true;
      location.assign("/waiting");
    };
    // Whoever else sends from this device is waited for a little, and then kept out, so that this page sends what it keeps.
    const keepAndSend = async () => {
      isKept = await keep(queue);
      return isKept && (copiedAt || !navigator.onLine) ? wait() : sendRows(queue);
    };
    try {
      return await navigator.locks.request(waitingCases.lock, { signal: AbortSignal.timeout(4000) }, keepAndSend);
    } catch (error) {
      if (!["AbortError", "TimeoutError"].includes(error?.name)) throw error;
      isKept = await keep(queue);
      return isKept ? wait() : sendRows(queue);
    }
  };

  const sendRows = async (queue) => {
    const opened = await openCase();
    if (opened.error) {
      status.textContent = opened.error;
      return;
    }
    const lane = async () => {
      for (let row = queue.shift(); row; row = queue.shift()) {
        if (rows.includes(row)) await send(row, `${opened.address}/images`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    const isClean = rows.every((row) => row.state === "sent");
    const some = rows.some((row) => row.state === "sent");
    if (isNew && some && isClean) {
      status.textContent = words.opening;
      busy = false;
      location.assign(opened.address);
    } else if (isNew && some) {
      const link = document.createElement("a");
      link.href = opened.address;
      link.textContent = words.leave;
      status.append(" ", link);
    } else if (!isNew) {
      for (const row of rows.filter((one) => one.state === "sent")) row.element.remove();
      rows = rows.filter((row) => row.state !== "sent");
      summarize();
    }
  };

  document.getElementById("shrink-row").hidden = false;
  if (navigator.connection?.saveData) shrink.checked = true;
  if (matchMedia("(pointer: coarse)").matches) document.getElementById("case-camera-row").hidden = false;
  input.addEventListener("change", () => choose(input.files));
  camera.addEventListener("change", () => choose(camera.files));
  shrink.addEventListener("change", () => { for (const row of rows) row.check(shrink.checked, told); });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("is-over"); });
  }
  drop.addEventListener("drop", (event) => choose(event.dataTransfer.files));
  addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    holdSubject();
    await Promise.all(rows.map((row) => row.check(shrink.checked, told)));
    if (busy) return;
    if (!rows.some((row) => ["waiting", "unreachable"].includes(row.state))) {
      status.textContent = words.none;
      freeSubject();
      return;
    }
    busy = true;
    submit.disabled = true;
    try {
      await sendAll();
    } finally {
      busy = false;
      submit.disabled = false;
      freeSubject();
    }
  });
}

if (form) prepare();
