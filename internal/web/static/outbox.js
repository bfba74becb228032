// Answers that wait for the server. Each is kept on this device first, under its
// place in the attempt, so that a newer one takes the place of an older; then it
// goes up, in the order in which they were given, until the server has it. That
// works from any page, in any tab, days later. Handing in waits behind them.
const me = document.querySelector("meta[name=account]")?.content; // undefined: nobody has signed in
const sign = document.getElementById("waiting");
const seal = document.getElementById("seal");
const patience = 1500; // ms until the page says that something waits: mostly it is sent by then, and nothing moves
const retry = 5000; // ms between two tries while the server is away

let opened;
const open = () => opened ??= new Promise((done, fail) => {
  const request = indexedDB.open("havn", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("answers", { keyPath: "id" });
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

/** Runs one transaction and waits until it is on the disk. */
async function run(mode, act) {
  const db = await open();
  return new Promise((done, fail) => {
    const t = db.transaction("answers", mode, { durability: "strict" });
    const request = act(t.objectStore("answers"));
    t.oncomplete = () => done(request && request.result);
    t.onerror = t.onabort = () => fail(t.error);
  });
}

const handsIn = a => a.path.endsWith("/submission");

/** What waits of this person, the oldest first, handing in last. Nobody else's is
 * touched; who has not signed in is told how much waits, and nothing more. */
const waiting = async () => order(await held());

async function held() {
  const all = await run("readonly", store => store.getAll());
  return all.filter(a => !me || a.account === me);
}

function order(all) {
  return all.filter(a => !a.sent).sort((a, b) => handsIn(a) - handsIn(b) || a.at - b.at);
}

async function show() {
  const all = await held(), n = order(all).length;
  sign.hidden = n === 0;
  for (const tag of document.querySelectorAll("[data-answer]")) {
    const answer = all.find(a => a.path === tag.dataset.answer);
    if (!answer) continue;
    tag.textContent = answer.sent ? tag.dataset.saved : tag.dataset.kept; // a page from the shelf does not know it
    document.querySelector("main .lead").hidden = true;
  }
  if (seal) seal.hidden = sign.hidden;
  sign.querySelector("b").textContent = n.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" });
}

// The server's clock as far as this device knows it. A page from the shelf is old,
// so that what it says of the clock can only be too early.
const memory = name => { try { return localStorage.getItem("havn-" + name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem("havn-" + name, value); } catch { /* storage is off: as long as the page */ } };
const asking = document.querySelector("[data-given]")?.dataset || {};
let ahead = Math.max(Number(memory("ahead") ?? -Infinity), (asking.now || 0) - Date.now());
const device = memory("device") || crypto.randomUUID();
if (me) {
  remember("device", device);
  remember("ahead", ahead);
}

/** When an answer is given: later than every one to the question that was seen here. */
function given(body) {
  const at = Math.max(Math.round(Date.now() + ahead), Number(asking.given || 0) + 1, Number(memory("last") || 0) + 1);
  remember("last", at);
  return JSON.stringify({ ...JSON.parse(body), given: { at, device } });
}

/** Keeps an answer; when this is done, it outlives the page. */
async function keep(path, body) {
  if (body) body = given(body);
  await run("readwrite", store => store.put({ id: me + " " + path, account: me, path, body, lang: document.documentElement.lang, at: Date.now() + performance.now() % 1 }));
  clearTimeout(show.timer);
  show.timer = setTimeout(show, patience);
}

/** The answer of this device at a place, if it is newer than the one on the page:
 * {response, sent}; undefined where there is none. */
async function kept(path) {
  const answer = await run("readonly", store => store.get(me + " " + path));
  if (!answer) return;
  const { response, given } = JSON.parse(answer.body);
  if (given.at > Number(asking.given || 0)) return { response, sent: answer.sent };
}

/** Takes an answer away, unless a newer one has taken its place meanwhile. Where a
 * course was taken along, the server's latest is remembered until it is handed in:
 * the pages on the shelf are older. */
async function drop(answer, taken) {
  const shelf = taken && window.caches && await caches.has("havn-shelf").catch(() => false);
  await run("readwrite", store => {
    const request = store.get(answer.id);
    request.onsuccess = () => {
      if (!request.result || request.result.at !== answer.at) return;
      if (shelf && answer.path.includes("/answers/")) store.put({ ...answer, sent: true }); else store.delete(answer.id);
    };
    if (!handsIn(answer)) return;
    const of = answer.id.replace(/submission$/, "answers/");
    store.delete(IDBKeyRange.bound(of, of + "\uffff"));
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
    const told = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (told.verdict === "accepted") remember("ahead", ahead = Date.parse(told.saved_at) - Date.now());
    const refused = told.verdict === "superseded" ? sign.dataset.superseded : response.ok ? "" : told.title || String(response.status);
    await drop(answer, response.ok && !refused);
    dispatchEvent(new CustomEvent("answer", { detail: { path: answer.path, refused } }));
    if (refused) tell(sign.dataset.refused + " " + refused);
    else if (handsIn(answer)) handed(answer.path.slice("/api/v1".length).replace(/submission$/, "result"));
  }
  await show();
  return sign.hidden;
}

/** Says what became of an answer that was given on another page. */
function tell(text, kind = "careful") {
  const p = document.createElement("p");
  p.className = "notice " + kind;
  p.setAttribute("role", "alert");
  p.textContent = text;
  sign.after(p);
  return p;
}

/** Leads to the result where it was waited for, and names it elsewhere. */
function handed(result) {
  if (location.pathname === result.replace(/result$/, "check")) return location.assign(result);
  const link = document.createElement("a");
  link.href = result;
  link.textContent = sign.dataset.result;
  tell(sign.dataset.handed + " ", "good").append(link);
}

/** Says how much waits to somebody who has not signed in, and leaves nothing behind. */
async function count() {
  try {
    if ((await indexedDB.databases()).some(d => d.name === "havn")) await show();
  } catch { /* nothing is kept here, or nobody can tell */ }
}

// One tab at a time sends, where the browser can see to that; elsewhere a repeat
// does no harm.
let running = null;
function bring() {
  if (!me) return count();
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

// An attempt is handed in once everything that was answered here is there, now or
// when the network is back. A device that keeps nothing hands in at once.
for (const form of document.querySelectorAll("form[action$='/submission']")) {
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try { await keep("/api/v1" + new URL(form.action).pathname, ""); } catch { return form.submit(); }
    await bring();
    if (!sign.hidden) tell(form.dataset.waits).scrollIntoView();
  });
}
// Where nothing goes up any more, what waits leaves as a file that only the server
// can open: a JWE (RFC 7516), ECDH-ES on P-256 with A256GCM (RFC 7518 §4.6).
const base64url = bytes => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function sealed(text) {
  const { subtle } = crypto, curve = { name: "ECDH", namedCurve: "P-256" }, utf8 = new TextEncoder();
  const to = await subtle.importKey("jwk", JSON.parse(seal.dataset.key), curve, false, []);
  const once = await subtle.generateKey(curve, true, ["deriveBits"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", once.publicKey);
  const header = base64url(utf8.encode(JSON.stringify({ alg: "ECDH-ES", enc: "A256GCM", epk: { kty, crv, x, y } })));
  const shared = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: to }, once.privateKey, 256));
  const info = [0, 0, 0, 1, ...shared, 0, 0, 0, 7, ...utf8.encode("A256GCM"), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]; // NIST SP 800-56A, Concat KDF
  const key = await subtle.importKey("raw", await subtle.digest("SHA-256", new Uint8Array(info)), "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const all = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(header) }, key, utf8.encode(text)));
  return [header, "", base64url(iv), base64url(all.slice(0, -16)), base64url(all.slice(-16))].join(".");
}

if (seal) seal.querySelector("button").addEventListener("click", async () => {
  const answers = (await waiting()).filter(a => !handsIn(a)).map(({ path, lang, body }) => ({ path, lang, body }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([await sealed(JSON.stringify({ account: me, answers }))], { type: "application/jose" }));
  link.download = "havn-answers.jwe";
  link.click();
});
addEventListener("online", bring);
document.addEventListener("visibilitychange", () => { if (!document.hidden) bring(); });
window.outbox = { keep, kept, bring };
bring();
