// Sends a whole slide in parts, each with its SHA-256, and goes on where it was: after a break of the connection by itself, after the
// browser was closed when the same file is chosen again. And follows the slides of a case while something becomes of them.

const form = document.getElementById("slide-upload");
const list = document.getElementById("slide-list");
const longestPause = 30;

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

if (form) prepare(JSON.parse(form.dataset.words));
if (list?.dataset.some) follow();

function prepare(words) {
  const [input, send, stop, row, bar, status] =
    ["slide-file", "slide-send", "slide-stop", "slide-progress-row", "slide-progress", "slide-status"]
      .map((id) => document.getElementById(id));
  const partBytes = Number(form.dataset.part);
  let stopped = null;

  const say = (text) => { status.textContent = text; };
  const show = (isSending) => {
    send.hidden = isSending;
    stop.hidden = row.hidden = !isSending;
    input.disabled = isSending;
  };

  // Why a file is not sent, as far as the browser can know.
  function refusal(file) {
    if (!file) return words.none;
    if (!window.isSecureContext || !crypto.subtle) return words.insecure;
    if (!form.dataset.accept.split(",").some((end) => file.name.toLowerCase().endsWith(end))) return words.format;
    return file.size === 0 || file.size > Number(form.dataset.largest) ? words.bytes : null;
  }

  class Refused extends Error {}
  // The server takes no more for so many seconds.
  class Busy extends Error {
    constructor(seconds) {
      super("busy");
      this.seconds = seconds;
    }
  }

  async function answered(answer) {
    if (answer.ok && !answer.redirected) return answer.json();
    if (answer.status === 401 || answer.redirected) throw new Refused(words.login);
    const wait = Number(answer.headers.get("Retry-After"));
    if (answer.status === 429 && wait > 0) throw new Busy(wait);
    if (answer.status >= 500 || answer.status === 408) throw new Error("later");
    let reason = `${answer.status}`;
    try { reason = (await answer.json()).detail ?? reason; } catch { /* a page: its number says enough */ }
    throw new Refused(fill(words.refused, { reason }));
  }

  // Asks until there is an answer: a line that breaks costs a pause, not the upload.
  async function patiently(ask) {
    for (let seconds = 1; ; seconds = Math.min(longestPause, 2 * seconds)) {
      if (stopped?.signal.aborted) throw new Refused(words.stopped);
      try {
        return await answered(await ask());
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (stopped?.signal.aborted) throw new Refused(words.stopped);
        if (error instanceof Busy) {
          say(fill(words.busy, { seconds: error.seconds }));
          await pause(error.seconds);
          seconds = 0.5;
          continue;
        }
        say(navigator.onLine ? fill(words.retrying, { seconds }) : words.offline);
        await pause(seconds);
      }
    }
  }

  const headers = () => ({ Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value });

  async function begin(file) {
    say(words.checking);
    const first = await file.slice(0, partBytes).arrayBuffer();
    const body = new URLSearchParams({
      csrf: form.elements.csrf.value, name: file.name, bytes: file.size, fields: form.elements.fields.value,
      fingerprint: hex(await crypto.subtle.digest("SHA-256", first)),
    });
    return patiently(() => fetch(form.action, { method: "POST", body, headers: headers(), signal: stopped.signal }));
  }

  async function sendPart(file, address, offset) {
    const part = await file.slice(offset, offset + partBytes).arrayBuffer();
    const digest = base64(await crypto.subtle.digest("SHA-256", part));
    return patiently(async () => {
      const answer = await fetch(`${address}/parts?offset=${offset}`, {
        method: "PUT", body: part, signal: stopped.signal,
        headers: { ...headers(), "Content-Type": "application/octet-stream", "Content-Digest": `sha-256=:${digest}:` },
      });
      // Another window sent this part, or its answer got lost: the server says where it is.
      return answer.status === 409
        ? fetch(`${address}/status`, { headers: { Accept: "application/json" }, signal: stopped.signal }) : answer;
    });
  }

  async function run(file) {
    let slide = await begin(file);
    const address = `${form.getAttribute("action")}/${slide.id}`;
    if (slide.received > 0) say(words.resumed);
    while (slide.state === "receiving") {
      const percent = Math.floor(100 * slide.received / slide.bytes);
      bar.value = percent;
      form.dataset.received = slide.received;
      say(fill(words.sending, { percent }));
      slide = await sendPart(file, address, slide.received);
    }
    bar.value = 100;
    say(words.done);
    // The page shows the slide in its list, and the fields as they come.
    location.hash = "slides";
    location.reload();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = input.files[0];
    const wrong = refusal(file);
    if (wrong) return say(wrong);
    stopped = new AbortController();
    show(true);
    try {
      await run(file);
    } catch (error) {
      say(error instanceof Refused ? error.message : fill(words.refused, { reason: error.message }));
      show(false);
    }
  });
  stop.addEventListener("click", () => stopped?.abort());
}

// A line is written anew when it changes; new fields are the page's live part, which follows them itself.
async function follow() {
  let before = "";
  for (;;) {
    const moving = list.querySelectorAll('li[data-moving="true"]');
    if (moving.length === 0) return;
    await pause(document.hidden ? 10 : 2);
    let slides;
    try {
      const answer = await fetch(list.dataset.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      slides = await answer.json();
    } catch { continue; }
    for (const slide of slides) {
      const row = list.querySelector(`li[data-slide="${CSS.escape(slide.id)}"]`);
      if (!row) continue;
      row.dataset.moving = slide.isMoving;
      row.querySelector(".slide-line").textContent = slide.line;
      let bar = row.querySelector("progress");
      if (slide.percent === undefined || slide.percent === null) {
        bar?.remove();
      } else {
        if (!bar) {
          bar = document.createElement("progress");
          bar.max = 100;
          bar.setAttribute("aria-label", slide.name);
          row.append(bar);
        }
        bar.value = slide.percent;
      }
    }
    const now = slides.map((slide) => slide.line).join();
    if (now !== before) document.dispatchEvent(new Event("case:changed"));
    before = now;
  }
}
