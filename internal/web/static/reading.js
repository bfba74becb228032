// What helps to read, on lessons and questions: size and spaces at once, the
// place kept while the language changes, words explained where they stand, the
// browser's own voice, and a way out. Without this script links and forms do the
// same, but for the voice.
const root = document.documentElement;
const find = selector => document.querySelector(selector);
const all = selector => [...document.querySelectorAll(selector)];

// Size and spaces. A page from the device's own shelf is older than the wish.
function wish() {
  const [, text, wide] = document.cookie.match(/havn_read=(\d)\.(\d)/) || [0, "0", "0"];
  return { text, wide };
}
function apply({ text, wide }) {
  for (const [name, value] of [["text", text], ["wide", wide]]) {
    if (value === "0") delete root.dataset[name]; else root.dataset[name] = value;
    for (const b of all(`button[name=reading][value^="${name}-"]`)) b.setAttribute("aria-pressed", String(b.value === `${name}-${value}`));
  }
}
apply(wish());
for (const button of all("button[name=reading]")) {
  button.addEventListener("click", event => {
    event.preventDefault();
    const [name, value] = button.value.split("-"), now = { ...wish(), [name]: value };
    document.cookie = `havn_read=${now.text}.${now.wide}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    apply(now);
  });
}

// The language changes, the place stays: blocks have the same ids in each.
const header = find(".top");
const top = () => all(".text > [id]").find(b => b.getBoundingClientRect().bottom > header.getBoundingClientRect().bottom + 8);
for (const link of all(".languages a[hreflang]")) {
  link.addEventListener("click", () => { const b = top(); if (b && scrollY > 40) link.hash = b.id; });
}
for (const menu of all(".top details")) {
  menu.addEventListener("toggle", () => { if (menu.open) for (const other of all(".top details")) if (other !== menu) other.open = false; });
}

// Words: the definition comes to the word.
const word = find("#word");
if (word && "popover" in HTMLElement.prototype) {
  word.hidden = false;
  for (const link of all("a.term")) {
    link.addEventListener("click", event => {
      const entry = document.getElementById(link.hash.slice(1));
      if (!entry) return;
      event.preventDefault();
      const copy = entry.cloneNode(true);
      copy.removeAttribute("id");
      word.firstElementChild.replaceChildren(copy);
      word.showPopover();
      word.focus();
    });
  }
}

// The voice: block by block, each with a voice of its language on this device.
const bar = find(".aloud"), panel = find("[data-aloud]"), voices = window.speechSynthesis;
const blocks = () => all(".lesson h1, .text:not(.sides) > *, .pair-of > :first-child, #answer .case > *, #answer .stem, #answer .option, #answer .pair").filter(b => b.checkVisibility ? b.checkVisibility() : b.offsetParent);
const language = e => e.closest("[lang]").lang;
const voice = lang => voices.getVoices().find(v => v.localService && v.lang.toLowerCase().replace("_", "-").split("-")[0] === lang.split("-")[0]);
const words = e => { const c = e.cloneNode(true); for (const s of c.querySelectorAll("sup, select, input, svg")) s.remove(); return c.textContent.replace(/\s+/g, " ").trim(); };
let queue = [], run = 0, current = null, paused = null; // paused: what is still to be read

function next(turn) {
  if (turn !== run) return;
  for (const e of all(".now-read")) e.classList.remove("now-read");
  const block = current = queue.shift();
  if (!block) { bar.hidden = true; return; }
  const said = new SpeechSynthesisUtterance(words(block));
  said.lang = language(block);
  said.voice = voice(said.lang) || null;
  if (!said.voice || !said.text) { next(turn); return; }
  said.onend = said.onerror = () => next(turn);
  block.classList.add("now-read");
  block.scrollIntoView({ block: "nearest" });
  voices.speak(said);
}
function stop() {
  run++;
  queue = [];
  paused = null;
  voices.cancel();
  next(run);
}
function resume(on) {
  const b = bar.querySelector("[data-say=pause]");
  b.textContent = on ? b.dataset.pause : b.dataset.go;
}
const acts = {
  start() {
    stop();
    const list = blocks(), at = top();
    queue = at && scrollY > 40 && list.includes(at) ? list.slice(list.indexOf(at)) : list;
    panel.closest("details").open = false;
    resume(true);
    bar.hidden = false;
    bar.querySelector("button").focus();
    next(run);
  },
  // What Android calls a pause is an end, so a block that was broken off begins again.
  pause() {
    if (paused) {
      [queue, paused] = [paused, null];
      next(run);
    } else {
      paused = current ? [current, ...queue] : queue;
      run++;
      voices.cancel();
    }
    resume(!paused);
  },
  stop() { stop(); panel.closest("details").querySelector("summary").focus(); },
};
function offer() {
  const there = blocks().length > 0 && voice(language(blocks()[0]));
  panel.querySelector("[data-say]").hidden = !there;
  panel.querySelector("[data-no-voice]").hidden = Boolean(there);
  panel.hidden = false;
}
if (voices && panel && bar) {
  offer();
  voices.addEventListener && voices.addEventListener("voiceschanged", offer);
  for (const b of all("[data-say]")) b.addEventListener("click", () => acts[b.dataset.say]());
  addEventListener("pagehide", () => voices.cancel());
}

// The way out: what is on the screen goes at once, and the page leaves the
// history for another.
const exit = find(".exit"), note = find("#exit-note");
let pressed = [];
function leave() {
  document.body.hidden = true;
  document.title = "…";
  location.replace(exit.href);
}
exit.addEventListener("click", event => { event.preventDefault(); leave(); });
addEventListener("keydown", event => {
  if (event.key !== "Escape" || event.repeat) return;
  if (bar && !bar.hidden) stop();
  pressed = [...pressed.filter(t => event.timeStamp - t < 5000), event.timeStamp];
  if (pressed.length > 2) leave();
  note.textContent = pressed.length === 2 ? exit.dataset.onceMore : "";
});
