// Follows a case while images of it wait: by server-sent events, and by asking every few seconds where those break.

const pollSeconds = 3;
const retryEventsSeconds = 30;
let source = null;
let timer = null;
let refreshing = null;
let again = false;
let lastEvents = 0;

const live = () => document.getElementById("live");
// The case's own page: what a form answered has another address, at which nothing can be fetched.
const home = () => live().dataset.status.replace(/\/status$/, "");
const isHome = () => location.pathname === home();

// The case is gone. An answer to a form stays, for it may show what is shown only once.
function leave() {
  stop();
  if (isHome()) location.assign("/cases");
}

async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = exchange().finally(() => {
    refreshing = null;
    if (again) {
      again = false;
      setTimeout(refresh, 400);
    }
  });
  return refreshing;
}

// The server draws the page; its live part is taken over as it is.
async function exchange() {
  const answer = await fetch(home() + (isHome() ? location.search : ""), { headers: { Accept: "text/html" } });
  if (answer.status === 404) return leave();
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const old = live();
  if (!fresh || !old || fresh.dataset.version === old.dataset.version) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  old.replaceWith(fresh);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  fresh.dispatchEvent(new CustomEvent("content:replaced", { bubbles: true }));
  const status = document.getElementById("live-status");
  if (status) status.textContent = fresh.dataset.progress;
}

function lost(isLost) {
  const note = document.getElementById("live-lost");
  if (note) note.hidden = !isLost;
}

function seen(status) {
  lost(false);
  if (status.version !== live().dataset.version) refresh();
}

function stop() {
  source?.close();
  source = null;
  clearTimeout(timer);
  timer = null;
}

function listen() {
  stop();
  lastEvents = Date.now();
  if (!("EventSource" in window)) return poll();
  source = new EventSource(live().dataset.events);
  source.addEventListener("status", (event) => seen(JSON.parse(event.data)));
  source.addEventListener("end", () => { stop(); refresh(); });
  source.addEventListener("gone", leave);
  source.onerror = () => {
    source.close();
    source = null;
    poll();
  };
}

async function poll() {
  clearTimeout(timer);
  let pending = 1;
  try {
    const answer = await fetch(live().dataset.status, { headers: { Accept: "application/json" } });
    if (answer.status === 404) return leave();
    if (answer.status === 401) return isHome() ? location.reload() : stop();
    if (answer.ok) {
      const status = await answer.json();
      pending = status.pending;
      seen(status);
    }
  } catch {
    lost(true);
  }
  if (pending === 0) {
    refresh();
    return;
  }
  const isTime = "EventSource" in window && Date.now() - lastEvents > 1000 * retryEventsSeconds;
  timer = setTimeout(isTime ? listen : poll, 1000 * pollSeconds);
}

if (live()?.dataset.pending) listen();
document.addEventListener("case:changed", () => {
  if (!live()) return;
  refresh();
  if (!source && !timer) listen();
});
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => { if (event.persisted && live()) { refresh(); listen(); } });

// Dialogs in place of confirmation pages, and the print button.
for (const link of document.querySelectorAll("[data-dialog]")) {
  const dialog = document.getElementById(link.dataset.dialog);
  if (!dialog?.showModal) continue;
  link.addEventListener("click", (event) => { event.preventDefault(); dialog.showModal(); });
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
}
const print = document.getElementById("print-now");
if (print) {
  print.hidden = false;
  document.getElementById("print-hint").hidden = true;
  print.addEventListener("click", () => window.print());
}

// No more than two cases can be compared.
const compare = document.getElementById("compare-form");
if (compare) {
  const ticks = Array.from(compare.querySelectorAll("input[name=case]"));
  const button = compare.querySelector("button[type=submit]");
  const check = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    for (const tick of ticks) tick.disabled = ticked >= 2 && !tick.checked;
    if (button) button.disabled = ticked !== 2;
  };
  for (const tick of ticks) tick.addEventListener("change", check);
  check();
}
