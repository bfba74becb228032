// Saves each answer as soon as it is given. Without this script the buttons of
// the form save it; with it nothing is lost when a page is left some other way.
const form = document.getElementById("answer");
const status = form.querySelector(".saved");
const type = form.dataset.type;
const csrf = document.querySelector("meta[name=csrf]").content;
const waits = "waits" in form.dataset; // explained at once: the answer counts when its button is pressed

/** The response that the form holds, as the API takes it; null if unfinished. */
function response() {
  const data = new FormData(form);
  const value = (data.get("value") || "").trim();
  const out = {};
  switch (type) {
    case "single": case "true-false": if (!value) return null; out.choice = value; break;
    case "multiple": case "hotspot": out.choices = data.getAll("choices"); break;
    case "numeric": { const n = Number(value.replace(",", ".")); if (!value || Number.isNaN(n)) return null; out.number = n; break; }
    case "date": if (!value) return null; out.date = value; break;
    case "text": if (!value) return null; out.text = value; break;
    case "rating": if (!value) return null; out.rating = Number(value); break;
    case "matching": {
      out.pairs = {};
      for (const [name, v] of data) if (name.startsWith("pair.") && v) out.pairs[name.slice(5)] = v;
      break;
    }
    case "ordering": {
      const places = [...data].filter(([name]) => name.startsWith("place."));
      if (new Set(places.map(([, v]) => v)).size < places.length || places.some(([, v]) => !v)) return null;
      out.order = places.sort((a, b) => a[1] - b[1]).map(([name]) => name.slice(6));
      break;
    }
    case "scenario": out.path = data.getAll("path"); if (!out.path.length) return null; break; // steps go by their buttons
    default: return null;
  }
  const sure = data.get("confidence");
  if (sure) out.confidence = sure;
  return out;
}

function say(text, kind) {
  const tag = document.createElement("span");
  tag.className = "tag " + kind;
  tag.textContent = text;
  status.replaceChildren(tag);
}

// What a person does is painted first, then kept, or as soon as the page is left.
const due = new Set();
function soon(work) {
  due.add(work);
  requestAnimationFrame(() => setTimeout(() => due.delete(work) && work()));
}
function now() {
  const works = [...due];
  due.clear();
  return Promise.all(works.map(work => work()));
}
addEventListener("pagehide", now);
document.addEventListener("visibilitychange", now);

// The answer is on this device before anything is said of it; from there it goes
// to the server. Without storage it goes straight there.
async function save() {
  if (!form.dataset.api) return; // practice: nothing is kept
  const body = response();
  if (!body) { if (type === "ordering") say(form.dataset.incomplete, "careful"); return; }
  const text = JSON.stringify({ response: body });
  say(form.dataset.saving, "");
  try {
    await window.outbox.keep(form.dataset.api, text);
  } catch {
    return straight(text);
  }
  say(form.dataset.kept, "careful");
  window.outbox.bring();
}

addEventListener("answer", ({ detail }) => {
  if (detail.path !== form.dataset.api) return;
  if (detail.refused) say(detail.refused, "careful"); else stored();
});

function stored() {
  say(form.dataset.saved, "good");
  if (waits) location.assign(`${form.dataset.attempt}?q=${form.elements.q.value}&explained#feedback`);
}

function count() {
  const sum = form.querySelector(".count b");
  if (sum) sum.textContent = form.querySelectorAll("[name=choices]:checked").length.toLocaleString(document.documentElement.lang, { numberingSystem: "latn" });
}

// What was answered here is newer than a page from this device's shelf.
function fill(answer, sent) {
  const set = (name, value) => {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = [value].flat().includes(field.value);
      else if (field.type !== "hidden") field.value = value;
    }
  };
  for (const name of ["choice", "number", "date", "text", "rating"]) if (answer[name] !== undefined) set("value", String(answer[name]));
  if (answer.choices) set("choices", answer.choices);
  if (answer.confidence) set("confidence", answer.confidence);
  for (const [n, id] of (answer.order || []).entries()) set("place." + id, String(n + 1));
  for (const [id, target] of Object.entries(answer.pairs || {})) set("pair." + id, target);
  if (sent) say(form.dataset.saved, "good"); else say(form.dataset.kept, "careful");
  count();
  form.dispatchEvent(new Event("filled"));
}
if (type !== "reflection" && form.dataset.api) window.outbox.kept(form.dataset.api).then(answer => answer && fill(answer.response, answer.sent)).catch(() => {});

// Where a course was taken along, the attempt's questions come along as well, and
// the next one comes from the device if need be. A story needs the server at each
// step, for what follows is not told before.
form.addEventListener("submit", async event => {
  if (due.size) { // it is kept first, so that nothing older is sent after it
    event.preventDefault();
    await now();
    return form.requestSubmit(event.submitter);
  }
  const by = event.submitter, to = by && by.name === "next" ? by.value : "";
  const typed = [...new FormData(form)].some(([name, value]) => value && (["value", "choices"].includes(name) || /^(place|pair)\./.test(name)));
  if (waits && by && by.name === "answer" && typed && response()) {
    event.preventDefault();
    return save();
  }
  if (!navigator.serviceWorker || !navigator.serviceWorker.controller) return;
  if (by && by.name === "step" && !by.dataset.sure) {
    event.preventDefault();
    return fetch("/livez", { cache: "no-store" }).then(() => { by.dataset.sure = "yes"; by.click(); }, () => say(form.dataset.story, "careful"));
  }
  if (!to) return;
  const body = waits || type === "reflection" ? null : response();
  if (typed && !body && !waits && type !== "reflection") return; // the server says what is wrong with it
  event.preventDefault();
  if (body) await window.outbox.keep(form.dataset.api, JSON.stringify({ response: body })).catch(() => straight(JSON.stringify({ response: body })));
  window.outbox.bring();
  location.assign(to);
});

async function shelve() {
  if (!form.dataset.attempt || !window.caches || !await caches.has("havn-shelf")) return;
  const shelf = await caches.open("havn-shelf"), base = form.dataset.attempt;
  const pages = [base, base + "/check", ...Array.from({ length: Number(form.dataset.of) }, (_, n) => `${base}?q=${n + 1}`)];
  for (const page of pages) {
    if (await shelf.match(page, { ignoreVary: true })) continue;
    const response = await fetch(page);
    if (response.ok && !response.redirected) await shelf.put(page, response);
  }
}
shelve().catch(() => {}); // no network, or no room: what is there is there

async function straight(body) {
  try {
    const r = await fetch(form.dataset.api, {
      method: "PUT", body,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Accept-Language": document.documentElement.lang },
    });
    if (r.ok) stored(); else say((await r.json()).title, "careful");
  } catch {
    say(form.dataset.failed, "careful");
  }
}

if (type === "reflection") {
  const box = form.querySelector("textarea");
  const key = "havn-private/" + box.dataset.private;
  try { box.value = localStorage.getItem(key) || box.value; } catch { /* storage is off: the text lives as long as the page */ }
  const note = () => { try { localStorage.setItem(key, box.value); } catch { /* as above */ } };
  box.addEventListener("input", () => soon(note));
  const row = form.querySelector("[data-share]"), button = row && row.querySelector("button");
  const name = on => { button.setAttribute("aria-pressed", on); button.textContent = on ? button.dataset.on : button.dataset.off; };
  if (row) {
    row.hidden = false;
    name(button.getAttribute("aria-pressed") === "true");
    button.addEventListener("click", async () => {
      const shared = button.getAttribute("aria-pressed") !== "true";
      if (shared && !box.value.trim()) return box.focus();
      const body = JSON.stringify({ response: shared ? { text: box.value, shared } : { text: "" } });
      name(shared);
      say(form.dataset.saving, "");
      await window.outbox.keep(form.dataset.api, body).then(() => { say(form.dataset.kept, "careful"); window.outbox.bring(); }, () => straight(body));
    });
  }
} else {
  form.addEventListener("change", () => soon(count));
  if (!waits) form.addEventListener("change", () => soon(save));
}
