// Lets what belongs together be put together by hand: drag a target onto its
// option, or choose the target and then the option. The selects are the answer,
// and enough by themselves. A target may be used more than once.
const bank = document.querySelector(".bank"), form = bank.closest("form");
const list = bank.querySelector("ul"), said = form.querySelector(".said");
const rows = [...form.querySelectorAll(".pair")], targets = [...bank.querySelectorAll(".target")];
let picked = null, drag = null;

function tell(text, words) {
  said.textContent = text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
}

function mark() {
  for (const t of targets) t.classList.toggle("used", rows.some(row => row.querySelector("select").value === t.value));
}

function pick(target) {
  picked = target;
  for (const t of targets) t.setAttribute("aria-pressed", String(t === target));
  for (const row of rows) row.querySelector(".here").hidden = !target;
}

function put(row) {
  const select = row.querySelector("select"), target = picked;
  select.value = target.value;
  pick(null);
  select.focus();
  tell(list.dataset.placed, { target: target.textContent.trim(), option: row.dataset.name });
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function grab(event) {
  const target = event.target.closest(".target");
  if (!target || event.button) return;
  if (event.pointerType !== "mouse" && !event.target.closest("svg")) return; // elsewhere a finger scrolls
  drag = { target, x: event.pageX, y: event.pageY, on: false };
}

function pull(event) {
  if (!drag) return;
  const x = event.pageX - drag.x, y = event.pageY - drag.y;
  if (!drag.on && Math.hypot(x, y) < 6) return;
  if (!drag.on) {
    drag.on = true;
    list.setPointerCapture(event.pointerId);
    drag.target.classList.add("held");
  }
  drag.target.style.translate = `${x}px ${y}px`;
  const over = under(event);
  for (const row of rows) row.classList.toggle("over", row === over);
  if (event.clientY < 90) scrollBy(0, -12); else if (event.clientY > innerHeight - 110) scrollBy(0, 12);
}

const under = event => (document.elementFromPoint(event.clientX, event.clientY) || form).closest(".pair");

function letGo(event) {
  const done = drag;
  drag = null;
  if (!done || !done.on) return;
  const row = event.type === "pointerup" && under(event);
  done.target.style.translate = "";
  done.target.classList.remove("held");
  for (const r of rows) r.classList.remove("over");
  if (row) { pick(done.target); put(row); }
}

if (!bank.closest("fieldset").disabled) {
  bank.hidden = false;
  list.addEventListener("click", event => {
    const target = event.target.closest(".target");
    if (!target) return;
    pick(target === picked ? null : target);
    if (picked) tell(list.dataset.picked, { target: target.textContent.trim() });
  });
  list.addEventListener("pointerdown", grab);
  addEventListener("pointermove", pull); // a quick mouse is out of the list before it is held
  addEventListener("pointerup", letGo);
  addEventListener("pointercancel", letGo);
  for (const row of rows) row.addEventListener("click", event => {
    if (!picked || event.target.closest("select")) return;
    event.preventDefault(); // of the label, which would open the select
    put(row);
  });
  form.addEventListener("keydown", event => { if (event.key === "Escape" && picked) { picked.focus(); pick(null); } });
  form.addEventListener("change", mark);
  form.addEventListener("filled", mark);
  mark();
}
