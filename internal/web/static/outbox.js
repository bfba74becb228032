// Answers that wait for the server. Each is kept on this device first, under its
// place in the attempt, so that a newer one takes the place of an older; then it
// goes up, in the order in which they were given, until the server has it. That
// works from any page, in any tab, days later.
const me = document.querySelector("meta[name=account]").content;
const sign = document.getElementById("waiting");
const retry = 5000; // ms between two tries while the server is away

const opened = new Promise((done, fail) => {
  const request = indexedDB.open("havn", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "id" });
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

/** Runs one transaction and waits until it is on the disk. */
async function run(mode, act) {
  const db = await opened;
  return new Promise((done, fail) => {
    const t = db.transaction("answers", mode, { durability: "strict" });
    const request = act(t.objectStore("answers"));
    t.oncomplete = () => done(request && request.result);
    t.onerror = t.onabort = () => fail(t.error);
  });
}

/** What waits of this person, the oldest first. Nobody else's is touched. */
async function waiting() {
  const all = await run("readonly", store => store.getAll());
  return all.filter(a => a.account === me).sort((a, b) => a.at - b.at);
}

async function show() {
  const n = (await waiting()).length;
  sign.hidden = n === 0;
  sign.querySelector("b").textContent = n.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" });
}

// The server's clock as far as this device knows it. A page from the shelf is old,
// so that what it says of the clock can only be too early.
const memory = name => { try { return localStorage.getItem("havn-" + name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem("havn-" + name, value); } catch { /* storage is off: as long as the page */ } };
let ahead = Math.max(Number(memory("ahead") ?? -Infinity), sign.dataset.now - Date.now());
const device = memory("device") || crypto.randomUUID();
remember("device", device);
remember("ahead", ahead);

/** When an answer is given: later than every one to the question that was seen here. */
function given(body) {
  const seen = Number(document.querySelector("[data-given]")?.dataset.given || 0);
  const at = Math.max(Math.round(Date.now() + ahead), seen + 1, Number(memory("last") || 0) + 1);
  remember("last", at);
  return JSON.stringify({ ...JSON.parse(body), given: { at, device } });
}

/** Keeps an answer; when this is done, it outlives the page. */
async function keep(path, body) {
  if (body) body = given(body);
  await run("readwrite", store => store.put({ id: me + " " + path, account: me, path, body, lang: document.documentElement.lang, at: Date.now() + performance.now() % 1 }));
  await show();
}

/** The answer that waits for a place, as it was kept; undefined where none does. */
async function kept(path) {
  const answer = await run("readonly", store => store.get(me + " " + path));
  return answer && JSON.parse(answer.body).response;
}

/** Takes an answer away, unless a newer one has taken its place meanwhile. */
async function drop(answer) {
  await run("readwrite", store => {
    const request = store.get(answer.id);
    request.onsuccess = () => { if (request.result && request.result.at === answer.at) store.delete(answer.id); };
  });
}

/** Brings what waits to the server. Pages hear of each as an event "answer". */
async function send() {
  for (const answer of await waiting()) {
    let response;
    try {
      response = await fetch(answer.path, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content, "Accept-Language": answer.lang },
        body: answer.body,
      });
    } catch { break; } // no network
    if (response.status >= 500 || [401, 403, 408, 429].includes(response.status)) break; // later, or after signing in
    remember("ahead", ahead = Date.parse(response.headers.get("Date")) + 500 - Date.now() || ahead);
    const told = response.status === 204 ? {} : await response.json().catch(() => ({}));
    const refused = told.verdict === "superseded" ? sign.dataset.superseded : response.ok ? "" : told.title || String(response.status);
    await drop(answer);
    dispatchEvent(new CustomEvent("answer", { detail: { path: answer.path, refused } }));
    if (refused) tell(refused);
  }
  await show();
  return sign.hidden;
}

/** Says what became of an answer that was given on another page. */
function tell(refused) {
  const p = document.createElement("p");
  p.className = "notice careful";
  p.setAttribute("role", "alert");
  p.textContent = sign.dataset.refused + " " + refused;
  sign.after(p);
}

// One tab at a time sends, where the browser can see to that; elsewhere a repeat
// does no harm.
let running = null;
function bring() {
  const once = () => navigator.locks ? navigator.locks.request("havn-answers", send) : send();
  running = (running || Promise.resolve()).then(once).catch(() => false).then(done => {
    if (!done) { clearTimeout(bring.timer); bring.timer = setTimeout(bring, retry); }
  });
  return running;
}

for (const form of document.querySelectorAll("form[action='/sign-out']")) {
  form.addEventListener("submit", event => { if (!sign.hidden && !confirm(sign.dataset.leave)) event.preventDefault(); });
}
// Where a course was taken along, that a page was read is kept like an answer, and
// the next page comes from the device if need be.
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("submit", async event => {
    if (!navigator.serviceWorker || !navigator.serviceWorker.controller) return;
    event.preventDefault();
    await keep(form.dataset.keep, "").catch(() => {});
    bring();
    location.assign(form.dataset.next);
  });
}

// An attempt is handed in once everything that was answered here is there.
for (const form of document.querySelectorAll("form[action$='/submission']")) {
  form.addEventListener("submit", async event => {
    event.preventDefault();
    await bring();
    if (sign.hidden) form.submit(); else sign.scrollIntoView();
  });
}
addEventListener("online", bring);
document.addEventListener("visibilitychange", () => { if (!document.hidden) bring(); });
window.outbox = { keep, kept, bring };
bring();
