// Saves a file of a draft while it is written, shows what is wrong with it at its
// line, and how a learner will see it. Without this script the button saves.
const form = document.getElementById("edit"), box = form.elements.text;
const status = form.querySelector(".saved"), list = document.getElementById("problems");
const preview = document.querySelector("iframe.preview"), widths = document.getElementById("widths");
const csrf = document.querySelector("meta[name=csrf]").content;
let saved = box.value, busy = false, timer = 0, stopped = false;

function say(text, kind) {
  const tag = document.createElement("span");
  tag.className = "tag " + kind;
  tag.textContent = text;
  status.replaceChildren(tag);
}

/** Puts the cursor into a line of the text. */
function go(line) {
  const at = box.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1);
  box.focus();
  box.setSelectionRange(at, at);
}

function tell(problems) {
  list.replaceChildren(...problems.map(p => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = "#edit";
    link.dataset.lineOf = link.textContent = p.line || 1;
    item.append(link, " ", p.message);
    return item;
  }));
  if (!problems.length) list.append(Object.assign(document.createElement("li"), { textContent: form.dataset.fine }));
}

async function save() {
  clearTimeout(timer);
  if (busy || stopped || box.value === saved) return;
  busy = true;
  const text = box.value;
  say(form.dataset.saving, "");
  try {
    const r = await fetch(form.dataset.api, {
      method: "PUT",
      body: JSON.stringify({ path: form.elements.path.value, rev: Number(form.elements.rev.value), text }),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Accept-Language": document.documentElement.lang },
    });
    const said = await r.json();
    if (r.ok) {
      saved = text;
      for (const rev of document.querySelectorAll("input[name=rev]")) rev.value = said.rev;
      tell(said.problems);
      preview.contentWindow.location.reload();
      say(form.dataset.saved, "good");
    } else {
      stopped = r.status === 409; // the button shows both texts
      say(stopped ? form.dataset.changed : said.title, "careful");
    }
  } catch {
    say(form.dataset.failed, "careful");
  }
  busy = false;
  if (box.value !== saved && !stopped) timer = setTimeout(save, 3000);
}

function put(before, after = "") {
  const { selectionStart: from, selectionEnd: to, value } = box;
  box.setRangeText(before + value.slice(from, to) + after, from, to, "end");
  if (from === to && after) box.selectionEnd = box.selectionStart -= after.length;
  box.focus();
  box.dispatchEvent(new Event("input"));
}

const tools = form.querySelector(".tools");
if (tools) {
  tools.hidden = false;
  tools.addEventListener("click", ({ target }) => {
    const { wrap, line, box: kind, link } = target.dataset;
    if (wrap) put(wrap, wrap);
    else if (line) put((box.selectionStart && box.value[box.selectionStart - 1] !== "\n" ? "\n\n" : "") + line);
    else if (kind) put(`\n:::${kind}\n`, "\n:::\n");
    else if (link) put("[", `](${link})`);
  });
  const picture = tools.querySelector("[data-picture]");
  if (picture) picture.addEventListener("change", () => {
    const file = picture.value;
    picture.value = "";
    if (file) put("\n\n![", `](${file})\n\n`); // what it shows is written between
  });
  box.addEventListener("keydown", event => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const button = tools.querySelector(`[aria-keyshortcuts="Control+${event.key.toUpperCase()}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  const fact = tools.querySelector("[data-fact]");
  if (fact) fact.addEventListener("change", () => { if (fact.value) put(`[^fact:${fact.value}]`); fact.value = ""; });
}
widths.hidden = false;
widths.addEventListener("click", ({ target }) => {
  if (!target.dataset.width) return;
  for (const b of widths.querySelectorAll("button")) b.setAttribute("aria-pressed", String(b === target));
  preview.classList.toggle("phone", target.dataset.width !== "0");
});
list.addEventListener("click", event => {
  const line = event.target.dataset.lineOf;
  if (line) { event.preventDefault(); go(Number(line)); }
});
box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 800); });
box.addEventListener("blur", save);
form.addEventListener("submit", () => { stopped = true; saved = box.value; });
addEventListener("beforeunload", event => { if (box.value !== saved) event.preventDefault(); });
