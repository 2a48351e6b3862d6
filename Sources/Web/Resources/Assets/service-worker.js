// Keeps static files, and copies of the pages that one account has seen, for when there is no network. Which pages may be
// copied the server says (Offline-Copy), and whose they are (Offline-Account): when another account is seen, or nobody,
// the copies of the one before are deleted.

const files = "files";
const pagesOf = (account) => `pages ${account}`;
const most = { files: 150, pages: 300 };
// Goes up whenever copies are deleted, so that an answer that comes late does not bring them back.
let epoch = 0;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const store = await caches.open(files);
  await store.add(new Request("/offline", { cache: "reload" }));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// What could not be sent yet is tried again by the browser.
self.addEventListener("sync", (event) => event.waitUntil((async () => {
  if ((await globalThis.waitingCases.sendAll()) !== "sent") throw new Error("cases still wait");
})()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.method === "POST" && request.mode === "navigate" && address.pathname === "/logout") {
    event.respondWith(logOut(request));
  } else if (request.method === "GET" && address.pathname.startsWith("/assets/")) {
    event.respondWith(file(event));
  } else if (request.method === "GET" && request.mode === "navigate" && !isDownload(address)) {
    event.respondWith(page(event));
  } else if (request.method === "GET" && /^\/screenings\/[^/]+\/pictures\//.test(address.pathname)) {
    event.respondWith(picture(event));
  }
});

const isDownload = (address) => /\.(pdf|csv|zip|ics)$|\/(calendar|export|events)$/.test(address.pathname);

async function trim(store, count) {
  const keys = (await store.keys()).filter((key) => new URL(key.url).pathname !== "/offline");
  for (const key of keys.slice(0, Math.max(0, keys.length - count))) await store.delete(key);
}

// Under this address there never is another content.
async function file(event) {
  const known = await caches.match(event.request.url, { cacheName: files });
  if (known) return known;
  const response = await fetch(event.request);
  if (response.status === 200) {
    const copy = response.clone();
    event.waitUntil((async () => {
      const store = await caches.open(files);
      await store.put(event.request.url, copy);
      await trim(store, most.files);
    })());
  }
  return response;
}

const copies = async () => (await caches.keys()).filter((name) => name.startsWith("pages "));

// Deletes what was copied of anybody but this account; null: of everybody.
async function forget(account) {
  for (const name of await copies()) {
    if (account === null || name !== pagesOf(account)) {
      epoch += 1;
      await caches.delete(name);
    }
  }
}

async function logOut(request) {
  epoch += 1;
  await forget(null);
  try {
    // The page may be a copy, whose form has no token.
    const { account, csrf } = await (await fetch("/waiting/account", { cache: "no-store" })).json();
    if (!account) return await fetch(request);
    return await fetch("/logout", { method: "POST", body: new URLSearchParams({ csrf }), redirect: "manual" });
  } catch {
    return Response.error(); // Whoever logs out must not believe that it was done.
  }
}

const nothing = async () => (await caches.match("/offline", { cacheName: files })) ?? Response.error();

// The copies of the one account of this device.
async function copied(address) {
  const [name, another] = await copies();
  return name && !another ? caches.match(address, { cacheName: name, ignoreVary: true }) : undefined;
}

const plain = (address) => address.split("#")[0];

async function page(event) {
  const begun = epoch;
  let response;
  try {
    response = await fetch(event.request);
  } catch {
    return (await copied(plain(event.request.url))) ?? nothing();
  }
  const copy = response.clone();
  event.waitUntil(keep(plain(event.request.url), copy, begun));
  return response;
}

async function keep(address, response, begun) {
  const account = response.headers.get("Offline-Account");
  if (!account || begun !== epoch) return;
  await forget(account);
  const start = epoch;
  if (response.headers.get("Offline-Copy") !== "?1" || response.redirected) return;
  await store(account, address, response, start);
  // What is needed to take a case and to see what waits, once for each account.
  for (const needed of ["/", "/waiting"]) {
    const cache = await caches.open(pagesOf(account));
    if (start !== epoch || (await cache.match(needed, { ignoreVary: true }))) continue;
    const more = await fetch(needed);
    const isSame = more.headers.get("Offline-Account") === account && more.headers.get("Offline-Copy") === "?1";
    if (isSame) await store(account, new URL(needed, self.location.origin).href, more, start);
  }
  if (start !== epoch) await caches.delete(pagesOf(account));
}

// Without the token for forms, and with the moment, by which the page says that it is a copy.
async function store(account, address, response, start) {
  const html = (await response.text())
    .replace(/(name="csrf" value=")[^"]*/g, "$1")
    // What staff is told on the first page names people.
    .replace(/<section class="block news"[\s\S]*?<\/section>/, "")
    .replace("<html ", `<html data-copied-at="${new Date().toISOString()}" `);
  const headers = new Headers(response.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
  if (start !== epoch) return;
  const cache = await caches.open(pagesOf(account));
  await cache.delete(address);
  await cache.put(address, new Response(html, { headers }));
  await trim(cache, most.pages);
}

// Kept where the page that shows it is.
async function picture(event) {
  const begun = epoch;
  let response;
  try {
    response = await fetch(event.request);
  } catch {
    return (await copied(event.request.url)) ?? Response.error();
  }
  if (response.status !== 200) return response;
  const copy = response.clone();
  event.waitUntil((async () => {
    const viewer = await self.clients.get(event.clientId);
    const [name, another] = await copies();
    if (!viewer || !name || another || !(await copied(plain(viewer.url))) || begun !== epoch) return;
    const cache = await caches.open(name);
    await cache.put(event.request.url, copy);
    await trim(cache, most.pages);
  })());
  return response;
}
