// Says that a page is a copy, registers the service worker, sends what waits on this device, and lists it.

const { waitingCases } = globalThis;
const page = document.documentElement;
const account = page.dataset.account;
const [copyNote, note, list, status, sendButton] =
  ["copy-note", "waiting-note", "waiting-list", "waiting-status", "waiting-send"].map((id) => document.getElementById(id));

function showCopy() {
  const when = new Intl.DateTimeFormat(page.lang, { dateStyle: "medium", timeStyle: "short" });
  copyNote.textContent = copyNote.dataset.words.replace("{when}", when.format(new Date(page.dataset.copiedAt)));
  copyNote.hidden = false;
  for (const form of document.forms) {
    // New cases can be taken without a network, and what only looks for something is left as it is.
    const stays = form.method === "get" || (form.id === "case-upload" && form.dataset.new) || form.getAttribute("action") === "/logout";
    if (!stays) for (const button of form.querySelectorAll("button, input[type=submit]")) button.disabled = true;
  }
}

function entry(item, words) {
  const row = document.createElement("li");
  row.className = "upload-row waiting-row";
  row.dataset.state = item.state;
  const middle = document.createElement("div");
  const name = document.createElement("p");
  name.className = "upload-name";
  const when = new Intl.DateTimeFormat(page.lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(item.takenAt));
  name.textContent = [item.title, when].filter(Boolean).join(" · ");
  const line = document.createElement("p");
  line.className = "upload-line";
  const state = item.state === "waiting" && !navigator.onLine ? "paused" : item.state;
  line.textContent = `${words[state].replace("{reason}", item.reason)} · ${words.images.replace("{number}", item.images.length)}`;
  middle.append(name, line);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet-button";
  button.textContent = words.remove;
  button.setAttribute("aria-label", `${words.remove}: ${name.textContent}`);
  // Asked once more: what is removed here is nowhere else.
  button.addEventListener("click", () => {
    if (confirm(words.sure)) waitingCases.remove(item.id);
  });
  row.append(middle, button);
  return row;
}

async function show() {
  const items = await waitingCases.all(account);
  if (note) {
    note.hidden = items.length === 0 || Boolean(list);
    const link = note.querySelector("a");
    link.textContent = link.dataset.words.replace("{number}", items.length);
  }
  if (!list) return;
  list.replaceChildren(...items.map((item) => entry(item, list.dataset)));
  list.hidden = sendButton.hidden = items.length === 0;
  status.textContent = account ? (items.length ? "" : status.dataset.empty) : status.dataset.logIn;
}

if (page.dataset.copiedAt && copyNote) showCopy();
navigator.serviceWorker?.register("/service-worker.js");
if (waitingCases.isAvailable) {
  new BroadcastChannel("waiting-cases").addEventListener("message", show);
  show();
  if (account) {
    // What was taken before: after the browser was closed, after another login, when the network is back.
    const again = 15000;
    const send = async () => {
      if (!navigator.onLine || (await waitingCases.all(account)).length === 0) return;
      if ((await waitingCases.sendAll()) !== "sent") setTimeout(send, again);
    };
    send();
    addEventListener("online", send);
    sendButton?.addEventListener("click", () => waitingCases.sendAll({ failedToo: true }));
  }
}
