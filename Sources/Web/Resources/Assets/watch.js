// Watching a live microscope together: the owner's side on the live page, and the side of whoever has a link. Events come as
// server-sent events, words go out as forms; nothing is kept.

const watch = document.getElementById("watch");
const together = document.getElementById("together");
const form = document.getElementById("talk-form");
const talk = document.getElementById("talk");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

if (watch) prepareWatching(JSON.parse(watch.dataset.words));
if (together && "EventSource" in window) prepareOwner(JSON.parse(together.dataset.words));

async function post(address, csrf, fields = {}) {
  const answer = await fetch(address, {
    method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ csrf, ...fields }),
  });
  if (!answer.ok || answer.redirected) {
    let reason = `${answer.status}`;
    try { reason = (await answer.json()).detail ?? reason; } catch { /* a page: its number says enough */ }
    throw new Error(reason);
  }
  return answer.json();
}

// What was said; after a break of the line the server says it once more.
const shown = new Set();
function show(message, words, isOwner) {
  if (shown.has(message.number)) return;
  shown.add(message.number);
  const row = document.createElement("li");
  const who = document.createElement("strong");
  const isMicroscope = message.from === undefined || message.from === null;
  who.textContent = isMicroscope ? (isOwner ? words.you : words.microscope) : message.from || words.somebody;
  row.append(who, ` ${message.text}`);
  talk.append(row);
  row.scrollIntoView({ block: "nearest" });
}

function speak(address, csrf, say) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    try {
      await post(address, csrf, fields);
      form.elements.text.value = "";
      form.elements.text.focus();
    } catch (error) {
      say(error.message);
    }
  });
}

function prepareWatching(words) {
  const [start, view, status, picture] =
    ["watch-start", "watch-view", "watch-status", "watch-frame"].map((id) => document.getElementById(id));
  const { address, csrf } = watch.dataset;
  const say = (text) => { status.textContent = text; };
  let isLoading = false;
  let isAway = false;
  let leaving = null;
  // The owner's page comes again after a break of the line: what lasts only a moment is not told.
  const patience = 6000;
  function notice(isOpen) {
    clearTimeout(leaving);
    if (isOpen && isAway) say(words.waiting);
    isAway = isAway && !isOpen;
    if (!isOpen) {
      leaving = setTimeout(() => {
        isAway = true;
        picture.hidden = true;
        say(words.away);
      }, patience);
    }
  }
  start.addEventListener("click", () => {
    start.hidden = true;
    view.hidden = false;
    say(words.waiting);
    begin();
  });
  function begin() {
    const source = new EventSource(`${address}/events`);
    source.addEventListener("frame", (event) => {
      const { number, hint } = JSON.parse(event.data);
      notice(true);
      say(fill(hint.isUsable ? words.sharp : words.blurred, { fields: hint.fields }));
      // One picture is on its way at a time: a slow line gets fewer.
      if (isLoading) return;
      isLoading = true;
      const next = new Image();
      next.onload = () => {
        picture.src = next.src;
        picture.hidden = false;
        watch.dataset.frames = Number(watch.dataset.frames) + 1;
        isLoading = false;
      };
      next.onerror = () => { isLoading = false; };
      next.src = `${address}/frame?number=${number}`;
    });
    source.addEventListener("message", (event) => show(JSON.parse(event.data), words, false));
    source.addEventListener("watchers", () => say(isAway ? words.away : words.watching));
    source.addEventListener("microscope", (event) => notice(JSON.parse(event.data).isOpen));
    const close = () => {
      source.close();
      clearTimeout(leaving);
      picture.hidden = true;
      picture.removeAttribute("src");
      for (const field of form.elements) field.disabled = true;
      say(words.ended);
    };
    source.addEventListener("end", close);
    source.onerror = async () => {
      clearTimeout(leaving);
      say(words.lost);
      if (source.readyState !== EventSource.CLOSED) return;
      // The server refused, after which the browser does not come again by itself: the link has ended, or too many watch.
      const answer = await fetch(address).catch(() => null);
      if (answer?.status === 404) close();
      else setTimeout(begin, 20000);
    };
  }
  speak(`${address}/talk`, csrf, say);
}

function prepareOwner(words) {
  const [invite, invited, link, end, status, open, list, all] =
    ["invite", "invited", "invite-link", "invite-end", "together-status", "open-links", "open-link-list", "revoke-all"]
      .map((id) => document.getElementById(id));
  const { csrf } = together.dataset;
  const say = (text) => { status.textContent = text; };
  let source = null;
  let made = null;
  together.hidden = false;

  function listen() {
    if (source) return;
    source = new EventSource("/live/talk");
    source.addEventListener("message", (event) => show(JSON.parse(event.data), words, true));
    // The last link has ended; the next one begins anew.
    source.addEventListener("end", () => {
      source.close();
      source = null;
      draw();
    });
    source.addEventListener("watchers", (event) => {
      const { count } = JSON.parse(event.data);
      together.dataset.watchers = count;
      if (count > 0) form.hidden = false;
      if (count > 0 || made) say(count > 0 ? fill(words.watchers, { count }) : words.alone);
    });
  }
  // A link that was made before this page was loaded may still be open: whoever watches by it must not go unseen, and it can be ended.
  listen();
  draw();

  async function draw() {
    // One that is made meanwhile may not be in the answer yet.
    const known = made;
    let links;
    try {
      const answer = await fetch("/live/links", { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      links = await answer.json();
    } catch { return; }
    if (made && made === known && !links.some((entry) => entry.id === made.id)) forget();
    open.hidden = links.length === 0;
    list.replaceChildren(...links.map((entry) => {
      const [row, line, button] = ["li", "span", "button"].map((name) => document.createElement(name));
      line.textContent = entry.line;
      button.type = "button";
      button.className = "quiet-button";
      button.textContent = words.end;
      button.setAttribute("aria-label", entry.label);
      button.addEventListener("click", () => revoke(entry.id));
      row.dataset.link = entry.id;
      row.append(line, " ", button);
      return row;
    }));
  }

  // The link that was made here has ended, wherever that was asked for.
  function forget() {
    made = null;
    link.value = "";
    invited.hidden = true;
    invite.hidden = false;
  }

  // Ends one link, or without an identifier all of them.
  async function revoke(id) {
    try {
      await post(id ? `/live/links/${id}/revoke` : "/live/links/revoke", csrf);
      say(id ? words.revoked : words.revokedAll);
    } catch (error) {
      say(fill(words.failed, { reason: error.message }));
    }
    await draw();
  }

  invite.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      made = await post("/live/links", csrf, { hours: invite.elements.hours.value });
      link.value = made.address;
      invited.hidden = form.hidden = false;
      invite.hidden = true;
      say(fill(words.made, { end: made.end }));
      listen();
      link.focus();
      link.select();
      await draw();
    } catch (error) {
      say(fill(words.failed, { reason: error.message }));
    }
  });
  end.addEventListener("click", () => { if (made) revoke(made.id); });
  all.addEventListener("click", () => revoke());
  speak("/live/talk", csrf, say);
}
