// Saves each unit of a translation by itself when its field is left, or by
// Ctrl+Enter, which goes on to the next; says at the unit what is wrong with it.
// Without this script the buttons save.
const list = document.getElementById("units"), words = list.dataset;
const csrf = document.querySelector("meta[name=csrf]").content;

function unit(form) {
  const box = form.elements.text, status = form.querySelector(".saved"), wrong = form.querySelector(".wrong");
  const tag = form.closest("article").querySelector(".state");
  let saved = box.value, busy = false, again = false;

  function say(text, kind) {
    const mark = document.createElement("span");
    mark.className = "tag " + kind;
    mark.textContent = text;
    status.replaceChildren(mark);
  }

  /** Shows why the text is not saved; it stays in its field. */
  function tell(reasons) {
    wrong.firstElementChild.replaceChildren(...reasons.map(r => Object.assign(document.createElement("li"), { textContent: r })));
    wrong.hidden = !reasons.length;
    if (reasons.length) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
    box.setAttribute("aria-describedby", wrong.id);
  }

  async function send(act) {
    if (busy) { again = true; return; }
    busy = true;
    const text = box.value, { unit, hash, seen } = form.elements;
    say(words.saving, "");
    try {
      const r = await fetch(words.api + (act === "review" ? "/review" : "/unit"), {
        method: "PUT",
        body: JSON.stringify({ unit: unit.value, hash: hash.value, seen: seen.value, ...(act === "review" ? {} : { text }) }),
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Accept-Language": document.documentElement.lang },
      });
      const said = await r.json();
      if (r.ok && said.saved) {
        saved = act === "review" ? saved : text;
        seen.value = said.seen;
        tag.textContent = words[said.state.replace(/-(.)/g, (_, c) => c.toUpperCase())];
        const good = said.state.endsWith("reviewed");
        tag.classList.toggle("good", good);
        tag.classList.toggle("careful", !good);
        form.querySelector("[value=review]")?.remove();
        tell([]);
        say(words.saved, "good");
      } else {
        tell(r.ok ? said.refused.map(x => x.message) : [said.title]);
        say(words.unsaved, "careful");
      }
    } catch {
      say(words.failed, "careful");
    }
    busy = false;
    if (again) { again = false; if (box.value !== saved) send(); }
  }

  box.addEventListener("blur", () => { if (box.value !== saved) send(); });
  box.addEventListener("keydown", event => {
    if (event.key !== "Enter" || !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    send();
    form.closest("article").nextElementSibling?.querySelector("textarea")?.focus();
  });
  form.addEventListener("submit", event => {
    const by = event.submitter;
    if (by?.value === "machine") { saved = box.value; return; }
    event.preventDefault();
    if (by?.name === "take") {
      box.value = by.value;
      box.focus();
      send();
    } else send(by?.value);
  });
  return () => busy || box.value !== saved;
}

const open = [...list.querySelectorAll("form")].map(unit);
addEventListener("beforeunload", event => { if (open.some(f => f())) event.preventDefault(); });
