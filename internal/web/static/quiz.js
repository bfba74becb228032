// Saves each answer as soon as it is given. Without this script the buttons of
// the form save it; with it nothing is lost when a page is left some other way.
const form = document.getElementById("answer");
const status = form.querySelector(".saved");
const type = form.dataset.type;
const csrf = document.querySelector("meta[name=csrf]").content;

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

// The answer is on this device before anything else happens; from there it goes
// to the server. Without storage it goes straight there.
async function save() {
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
  if (detail.refused) say(detail.refused, "careful"); else say(form.dataset.saved, "good");
});

async function straight(body) {
  try {
    const r = await fetch(form.dataset.api, {
      method: "PUT", body,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Accept-Language": document.documentElement.lang },
    });
    if (r.ok) say(form.dataset.saved, "good"); else say((await r.json()).title, "careful");
  } catch {
    say(form.dataset.failed, "careful");
  }
}

if (type === "reflection") {
  const box = form.querySelector("textarea");
  const key = "havn-private/" + box.dataset.private;
  try { box.value = localStorage.getItem(key) || ""; } catch { /* storage is off: the text lives as long as the page */ }
  box.addEventListener("input", () => { try { localStorage.setItem(key, box.value); } catch { /* as above */ } });
} else {
  form.addEventListener("change", save);
}
