// Cases that wait on this device until they are sent: kept in its database before anything goes over the network, and taken
// out image by image when the server has them. Sent again they make nothing twice, for case and images carry keys.
// Pages and the service worker share this file.

globalThis.waitingCases = (() => {
  const lock = "waiting-cases";
  const isAvailable = globalThis.isSecureContext && "indexedDB" in globalThis && Boolean(navigator.locks);

  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  let opened;
  function database() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("waiting-cases", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("cases", { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opened;
  }

  // One transaction, finished when this returns.
  async function within(mode, work) {
    const transaction = (await database()).transaction("cases", mode, mode === "readwrite" ? { durability: "strict" } : {});
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await work(transaction.objectStore("cases"));
    await finished;
    return result;
  }

  const channel = isAvailable ? new BroadcastChannel("waiting-cases") : null;
  const changed = () => channel?.postMessage("changed");

  // 128 random bits as 22 characters, as the server names its cases; none begins with a hyphen.
  function newID() {
    const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)));
    const text = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
    return text.startsWith("-") ? newID() : text;
  }

  // {id, account, title, for, takenAt, state, reason, images: [{key, name, file}]}
  // Images that are kept of the same case already stay.
  async function keep(item) {
    navigator.storage?.persist?.().catch(() => {});
    await within("readwrite", async (store) => {
      const stored = await settled(store.get(item.id));
      const keys = new Set(item.images.map((image) => image.key));
      const images = [...(stored?.images ?? []).filter((image) => !keys.has(image.key)), ...item.images];
      const takenAt = stored?.takenAt ?? Date.now();
      await settled(store.put({ takenAt, state: "waiting", reason: "", ...item, images }));
    });
    changed();
  }

  // Of one account, oldest first: nobody else's are told of.
  async function all(account) {
    const items = await within("readonly", (store) => settled(store.getAll()));
    return items.filter((item) => account && item.account === account).sort((one, other) => one.takenAt - other.takenAt);
  }

  async function change(id, work) {
    await within("readwrite", async (store) => {
      const item = await settled(store.get(id));
      if (!item) return;
      const next = work(item);
      await settled(next ? store.put(next) : store.delete(id));
    });
    changed();
  }

  // The server has this image, or refused it and its page said so. The last one takes the case along.
  const release = (id, key) => change(id, (item) => {
    const images = item.images.filter((image) => image.key !== key);
    return images.length ? { ...item, images } : null;
  });

  const remove = (id) => change(id, () => null);

  async function ask(address, options) {
    let response;
    try {
      response = await fetch(address, { cache: "no-store", redirect: "manual", ...options });
    } catch {
      return { status: 0, answer: {} };
    }
    let answer = {};
    try { answer = await response.json(); } catch { /* Cut off, or a page of something between. */ }
    return { status: response.status, answer };
  }

  // Refused for good: sent again as it is it would be refused again.
  const isRefused = (status) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

  // Waits for a word of the person or their guardian, and holds up no case of anybody else.
  const lacksConsent = ({ answer }) => answer.type === "/problems/consent-needed";

  // Returns whether the network and the session last.
  async function sendOne(item, csrf) {
    const fail = (result) => change(item.id, (kept) => ({ ...kept, state: "failed", reason: result.answer.detail ?? String(result.status) }));
    const wait = () => change(item.id, (kept) => ({ ...kept, state: "waiting" }));
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
    await change(item.id, (kept) => ({ ...kept, state: "sending", reason: "" }));
    const made = await ask("/cases", {
      method: "POST", body: new URLSearchParams({ title: item.title, for: item.for ?? "", case: item.id }),
      headers: { ...headers, "Idempotency-Key": item.id },
    });
    if (made.status !== 201 || !made.answer.address) {
      if (isRefused(made.status) || lacksConsent(made)) { await fail(made); return true; }
      await wait();
      return false;
    }
    let refused = null;
    for (const image of item.images) {
      const body = new FormData();
      body.append("uploadKey", image.key);
      body.append("image", image.file, "image");
      const added = await ask(`${made.answer.address}/images`, { method: "POST", body, headers });
      if (added.status === 201) await release(item.id, image.key);
      else if (isRefused(added.status) || lacksConsent(added)) refused = added;
      else { await wait(); return false; }
    }
    if (refused) await fail(refused);
    return true;
  }

  // Sends what waits of whoever is logged in; of nobody else. One window at a time.
  //
  // Returns "sent", "paused" without network or session, "busy" while another window sends.
  async function sendAll({ failedToo = false } = {}) {
    if (!isAvailable) return "paused";
    return navigator.locks.request(lock, { ifAvailable: true }, async (held) => {
      if (!held) return "busy";
      if ((await within("readonly", (store) => settled(store.count()))) === 0) return "sent";
      const { status, answer } = await ask("/waiting/account", { headers: { Accept: "application/json" } });
      if (status !== 200 || !answer.account) return "paused";
      for (const item of await all(answer.account)) {
        if (item.state === "failed" && !failedToo) continue;
        if (!(await sendOne(item, answer.csrf))) return "paused";
      }
      return "sent";
    });
  }

  return { isAvailable, lock, isRefused, newID, keep, all, release, remove, sendAll };
})();
