// The live microscope: the browser's camera, hints from the server for a reduced frame several times a second, and fields that
// are taken when they are sharp, new and still. One frame is under way at a time; a camera that is faster leaves frames out.

const root = document.getElementById("microscope");
const frameSide = 480;
const frameQuality = 0.85;
const fieldQuality = 0.95;
const shortestPause = 100;
const restMilliseconds = 1200;
const sayEvery = 2500;
const maximumTries = 4;

const find = (id) => document.getElementById(`scope-${id}`);
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const blobOf = (canvas, quality) => new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); });

function prepare() {
  const words = JSON.parse(root.dataset.words);
  const wanted = Number(root.dataset.wanted);
  const headers = { Accept: "application/json", "X-CSRF-Token": root.dataset.csrf };
  const [video, device, auto, takeButton, status] = ["video", "device", "auto", "take", "status"].map(find);
  const subject = document.getElementById("case-for");
  const whose = () => subject?.value ?? "";
  // Whose the case is: taken with its first field, and the same for every try.
  let owner = null;
  // Whether the server has the case, or may have it without our having heard.
  let mayBeMade = false;
  const full = document.createElement("canvas");
  const small = document.createElement("canvas");
  let stream = null;
  let session = null;
  // Counts the cameras that were opened: what an older one began is left to end without effect.
  let run = 0;
  let wantsField = false;
  let isSaving = false;
  let restingSince = null;
  let caseAddress = null;
  let events = null;
  let taken = 0;
  let refused = 0;
  let lastSaid = 0;
  // The number of the taken field that the camera shows, and for how many frames it has not.
  let shown = null;
  let unseen = 0;
  const latencies = [];

  // MARK: What is said

  function trouble(text) {
    find("trouble").textContent = text;
    find("trouble").hidden = false;
  }

  // Events are said at once, advice that changes with every frame no more than every few seconds.
  function say(text, isEvent = true) {
    const now = performance.now();
    if (status.textContent === text || (!isEvent && now - lastSaid < sayEvery)) return;
    lastSaid = now;
    status.textContent = text;
  }

  function show(name, state, text) {
    const row = find(name);
    const place = row.querySelector(".scope-words");
    row.dataset.state = state;
    if (place.textContent !== text) place.textContent = text;
  }

  function showCounts() {
    root.dataset.fields = String(taken);
    root.dataset.refused = String(refused);
    find("count").textContent = fill(words.count, { count: String(taken), wanted: String(wanted) });
    find("refused").hidden = refused === 0;
    find("refused").textContent = fill(words.refusedCount, { count: String(refused) });
    find("whole").hidden = taken < wanted;
    if (taken >= wanted) find("whole").textContent = fill(words.whole, { count: String(wanted) });
  }

  function showHint(hint) {
    find("meter").value = hint.focus === undefined || hint.focus === null ? 0 : Math.min(2, hint.focus);
    const faults = new Set(hint.faults);
    if (hint.focus === undefined || hint.focus === null) show("focus", "wait", words.focusUnknown);
    else show("focus", faults.has("blurred") ? "bad" : "good", faults.has("blurred") ? words.focusBad : words.focusGood);
    const light = ["too-dark", "too-bright", "low-contrast"].find((fault) => faults.has(fault));
    show("light", light ? "bad" : "good", light ? words[light] : words.lightGood);
    const across = hint.redCellsAcross ? Math.round(hint.redCellsAcross) : 0;
    const scale = { good: "scaleGood", nearer: "scaleNearer", farther: "scaleFarther", unknown: "scaleUnknown" }[hint.scale];
    const state = { good: "good", unknown: "wait" }[hint.scale] ?? "bad";
    show("scale", state, fill(words[scale], { count: String(across), pixels: String(Math.round(hint.redCellPixels ?? 0)) }));
    if (!hint.isUsable) show("field", "wait", words[hint.faults[hint.faults.length - 1]] ?? words.fieldUnknown);
    else if (hint.sameAs) show("field", "bad", fill(words.fieldSame, { number: String(hint.sameAs) }));
    else show("field", hint.isStill ? "good" : "wait", hint.isStill ? words.fieldNew : words.fieldMoving);
  }

  // MARK: The camera

  async function open(id) {
    find("trouble").hidden = true;
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return trouble(words.insecure);
    stop();
    say(words.opening);
    const size = { width: { ideal: 1920 }, height: { ideal: 1440 } };
    const choice = id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, ...choice }, audio: false });
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      stop();
      const reasons = {
        NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none",
        NotReadableError: "inUse", AbortError: "inUse",
      };
      say("");
      return trouble(words[reasons[error.name] ?? "failed"]);
    }
    stream.getVideoTracks()[0].addEventListener("ended", () => { stop(); trouble(words.inUse); });
    await listDevices();
    await begin();
  }

  // Names of cameras are told only once the camera may be used.
  async function listDevices() {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const used = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    device.replaceChildren(...cameras.map((camera, index) => {
      const label = camera.label || fill(words.camera, { number: String(index + 1) });
      return new Option(label, camera.deviceId, false, camera.deviceId === used);
    }));
    find("device-row").hidden = cameras.length === 0;
  }

  async function begin() {
    if (!session) {
      const mine = run;
      const answer = await ask("/live", new URLSearchParams({ for: whose() }));
      if (mine !== run) return;
      if (answer.status !== 201) {
        stop();
        return trouble(answer.body.detail ?? words.lost);
      }
      session = answer.body.session;
    }
    find("start").hidden = true;
    find("stop").hidden = false;
    takeButton.disabled = false;
    say(words.looking);
    run += 1;
    look(run);
  }

  function stop() {
    run += 1;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    restingSince = null;
    wantsField = false;
    takeButton.disabled = true;
    find("countdown").hidden = true;
    find("start").hidden = false;
    find("stop").hidden = true;
    for (const name of ["focus", "light", "scale", "field"]) show(name, "wait", "–");
  }

  // MARK: Frames

  async function ask(address, body, more = {}) {
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { ...headers, ...more }, signal: AbortSignal.timeout(30000) });
      let told = {};
      try { told = await answer.json(); } catch { /* An error page of something between. */ }
      return { status: answer.status, body: told };
    } catch {
      return { status: 0, body: {} };
    }
  }

  // The full picture is held until the hint for it has come, so that the very frame that was judged is taken.
  function grab() {
    const { videoWidth: width, videoHeight: height } = video;
    if (!width || !height) return false;
    if (full.width !== width || full.height !== height) [full.width, full.height] = [width, height];
    full.getContext("2d").drawImage(video, 0, 0, width, height);
    const scale = Math.min(1, frameSide / Math.max(width, height));
    const [smallWidth, smallHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (small.width !== smallWidth || small.height !== smallHeight) [small.width, small.height] = [smallWidth, smallHeight];
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(full, 0, 0, smallWidth, smallHeight);
    return true;
  }

  async function look(mine) {
    while (mine === run) {
      const started = performance.now();
      if (document.hidden || !grab()) {
        restingSince = null;
        await pause(250);
        continue;
      }
      const blob = await blobOf(small, frameQuality);
      const query = new URLSearchParams({ session, width: String(full.width) });
      const answer = await ask(`/live/frames?${query}`, blob, { "Content-Type": "image/jpeg" });
      if (mine !== run) return;
      if (answer.status === 200) {
        count(performance.now() - started);
        showHint(answer.body);
        await follow(answer.body);
      } else if (!(await recover(answer))) {
        return;
      }
      await pause(Math.max(5, shortestPause - (performance.now() - started)));
    }
  }

  // The median of the last hundred times from a frame to its hint, for whoever looks into the page.
  function count(milliseconds) {
    latencies.push(milliseconds);
    if (latencies.length > 100) latencies.shift();
    const sorted = [...latencies].sort((a, b) => a - b);
    root.dataset.latency = String(Math.round(sorted[Math.floor(sorted.length / 2)]));
    root.dataset.hints = String(Number(root.dataset.hints ?? 0) + 1);
  }

  async function recover(answer) {
    restingSince = null;
    if ([401, 403, 404].includes(answer.status)) {
      session = null;
      stop();
      trouble(answer.status === 401 ? words.login : answer.body.detail ?? words.login);
      return false;
    }
    if (answer.status === 409) {
      session = null;
      stop();
      trouble(words.ended);
      return false;
    }
    if (answer.status === 429) {
      await pause(300);
    } else {
      say(words.lost, false);
      await pause(2000);
    }
    return true;
  }

  // MARK: Taking

  async function follow(hint) {
    noteSame(hint);
    const isNew = hint.isUsable && !hint.sameAs;
    if (wantsField) {
      wantsField = false;
      if (isNew && !isSaving) return take(hint);
      if (hint.sameAs) say(fill(words.refusedSame, { number: String(hint.sameAs) }));
      else if (!isSaving) say(fill(words.notUsable, { reason: words[hint.faults[0]] ?? words.fieldUnknown }));
    }
    const mayRest = auto.checked && !isSaving && taken < wanted && isNew && hint.isStill;
    if (!mayRest) {
      restingSince = null;
      find("countdown").hidden = true;
      if (!hint.isUsable && !isSaving) say(words[hint.faults[0]] ?? words.fieldUnknown, false);
      return;
    }
    restingSince ??= performance.now();
    const left = restMilliseconds - (performance.now() - restingSince);
    find("countdown").hidden = false;
    find("countdown").textContent = fill(words.countdown, { seconds: Math.max(0, left / 1000).toFixed(1) });
    if (left > 0) return;
    restingSince = null;
    find("countdown").hidden = true;
    await take(hint);
  }

  // A taken field that comes back is refused once, until something else has been seen for some frames.
  function noteSame(hint) {
    if (hint.sameAs) {
      unseen = 0;
      if (shown === null && hint.isStill && !isSaving) {
        shown = hint.sameAs;
        refused += 1;
        showCounts();
        say(fill(words.refusedSame, { number: String(hint.sameAs) }));
      }
    } else if (!isSaving) {
      unseen += 1;
      if (unseen >= 3) shown = null;
    }
  }

  // Resolves once the picture is held; it is sent beside the frames that follow.
  async function take(hint) {
    isSaving = true;
    owner ??= whose();
    if (subject) subject.disabled = true;
    const mine = session;
    const blob = await blobOf(full, fieldQuality);
    if (!blob) return saved();
    send(hint, blob, mine).catch(() => say(words.unreachable)).finally(saved);
  }

  // Where no case was made, it may still be somebody else's.
  function saved() {
    isSaving = false;
    if (mayBeMade) return;
    owner = null;
    if (subject) subject.disabled = false;
  }

  async function send(hint, blob, mine) {
    const row = document.createElement("li");
    find("fields").append(row);
    const tell = (text) => { row.textContent = text; };
    tell(words.sending);
    // Known from here on, so that the frames that follow are not taken for a new field while this one is sent.
    const note = (more) =>
      ask("/live/taken", new URLSearchParams({ session: mine, frame: String(hint.number), ...more }));
    const noted = await note({});
    const answer = noted.status === 200 ? await store(blob, tell) : noted;
    if (answer.status !== 201) {
      if (noted.status === 200) await note({ failed: "1" });
      const reason = answer.body.detail ?? words.unreachable;
      tell(fill(words.refused, { reason }));
      return say(fill(words.refused, { reason }));
    }
    taken = noted.body.fields;
    shown = taken;
    unseen = 0;
    tell(fill(words.taken, { number: String(taken) }));
    showCounts();
    say(taken >= wanted ? fill(words.whole, { count: String(wanted) }) : fill(words.taken, { number: String(taken) }));
    listen();
  }

  // The same identifier of the case and the same key of the field at each try: nothing is stored twice.
  async function store(blob, tell) {
    const key = randomKey();
    for (let attempt = 1; ; attempt += 1) {
      const answer = await storeOnce(blob, key);
      const mayRetry = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!mayRetry || attempt >= maximumTries) return answer;
      tell(words.retrying);
      await pause(1000 * 2 ** (attempt - 1));
    }
  }

  async function storeOnce(blob, key) {
    if (!caseAddress) {
      const opened = await ask("/cases", new URLSearchParams({
        title: "", case: root.dataset.case, for: owner,
      }));
      if (opened.status < 400 || opened.status >= 500) mayBeMade = true;
      if (opened.status !== 201) return opened;
      caseAddress = opened.body.address;
      find("case").hidden = false;
      find("case").querySelector("a").href = caseAddress;
    }
    const form = new FormData();
    form.append("uploadKey", key);
    form.append("image", blob, "image");
    return ask(`${caseAddress}/images`, form);
  }

  // MARK: The verdict as it grows

  function listen() {
    events?.close();
    events = new EventSource(`${caseAddress}/events`);
    events.addEventListener("status", refresh);
    for (const end of ["end", "gone"]) {
      events.addEventListener(end, () => {
        events?.close();
        events = null;
        refresh();
      });
    }
    events.onerror = () => {
      events?.close();
      events = null;
      refresh();
    };
  }

  // The case's page says what it says; verdict, counts and a line for each field are taken over from it.
  async function refresh() {
    let page;
    try {
      const answer = await fetch(caseAddress, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return;
    }
    const parts = [".verdict-head", ".verdict-advice", ".tally"].map((name) => page.querySelector(`.verdict-panel ${name}`));
    const copies = parts.filter(Boolean).map((part) => {
      const name = { H2: "h3", UL: "ul" }[part.tagName] ?? "p";
      const copy = document.createElement(name);
      if (name === "ul") copy.append(...Array.from(part.children, (item) => item.cloneNode(true)));
      else copy.textContent = part.textContent;
      return copy;
    });
    const fields = document.createElement("ol");
    fields.append(...Array.from(page.querySelectorAll(".image-card .card-head"), (head) => {
      const item = document.createElement("li");
      item.textContent = head.textContent;
      return item;
    }));
    find("verdict").replaceChildren(...copies, fields);
    find("verdict").hidden = false;
  }

  // MARK: What people do

  root.hidden = false;
  find("start").addEventListener("click", () => open(device.value || null));
  find("stop").addEventListener("click", () => {
    stop();
    say(words.stopped);
  });
  device.addEventListener("change", () => open(device.value));
  // Consent is each person's own: who looks at somebody else's blood begins anew.
  subject?.addEventListener("change", () => {
    const isOpen = stream !== null;
    stop();
    session = null;
    find("trouble").hidden = true;
    if (isOpen) open(device.value || null);
  });
  takeButton.addEventListener("click", () => { wantsField = true; });
  video.addEventListener("click", () => { if (stream) wantsField = true; });
  addEventListener("keydown", (event) => {
    const isControl = event.target.closest?.("a, button, input, select, summary, textarea");
    if (event.key !== " " || isControl || event.repeat || !stream) return;
    event.preventDefault();
    wantsField = true;
  });
  addEventListener("pagehide", () => {
    stop();
    events?.close();
  });
  addEventListener("beforeunload", (event) => { if (isSaving) event.preventDefault(); });
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) trouble(words.insecure);
}

if (root) prepare();
