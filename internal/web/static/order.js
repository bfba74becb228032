// Puts the steps of an ordering in order: by dragging, by buttons, by keys. What
// the form sends stands in the selects, which are there without this script.
const list = document.querySelector("ol.order"), form = list.closest("form");
const said = form.querySelector(".said"), keep = form.querySelector(".keep");
const items = () => [...list.children];
const select = item => item.querySelector("select");
let held = null, drag = null, before = []; // what is moved by keys or pointer, and the order that Escape gives back

/** Tells where an item is, to those who hear the page. */
function tell(text, item) {
  const words = { item: item && item.dataset.name, place: items().indexOf(item) + 1, of: items().length };
  said.textContent = text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
}

/** Lets an item and its neighbour change places. The neighbour moves, so that the item keeps the focus. */
function move(item, by) {
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (other) list.insertBefore(other, by < 0 ? item.nextElementSibling : item);
  return Boolean(other);
}

function ends() {
  const all = items();
  for (const [n, item] of all.entries()) for (const button of item.querySelectorAll("[data-by]")) {
    button.setAttribute("aria-disabled", String(!all[n + Number(button.dataset.by)]));
  }
}

/** Makes the order that is shown the answer. */
function answer() {
  for (const [n, item] of items().entries()) select(item).value = n + 1;
  list.classList.add("answered");
  ends();
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Shows the order that the selects hold, if they hold one. */
function show() {
  const places = items().map(item => Number(select(item).value));
  if (places.every(n => n > 0) && new Set(places).size === places.length) {
    list.append(...items().sort((a, b) => select(a).value - select(b).value));
    list.classList.add("answered");
    keep.hidden = true;
  }
  ends();
}

function pick(item) {
  held = item;
  before = items();
  item.classList.add("held");
  item.querySelector(".grip").setAttribute("aria-pressed", "true");
  tell(list.dataset.picked, item);
}

function drop(undo) {
  const item = held, changed = items().some((other, n) => other !== before[n]);
  if (!item) return;
  held = null;
  item.classList.remove("held");
  item.querySelector(".grip").setAttribute("aria-pressed", "false");
  if (undo) {
    list.append(...before);
    item.querySelector(".grip").focus();
    return tell(list.dataset.back);
  }
  tell(list.dataset.dropped, item);
  if (changed) { keep.hidden = true; answer(); }
}

function byButton(item, by) {
  if (move(item, by)) { keep.hidden = true; answer(); }
  tell(list.dataset.now, item);
}

function keys(event) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!held || !by && event.key !== "Escape") return;
  event.preventDefault();
  if (!by) return drop(true);
  move(held, by);
  tell(list.dataset.now, held);
}

function grab(event) {
  const item = event.target.closest("li");
  if (!item || event.button || event.target.closest(".moves")) return;
  if (event.pointerType !== "mouse" && !event.target.closest(".grip")) return; // elsewhere a finger scrolls
  drag = { item, y: event.pageY, top: item.offsetTop, order: items(), on: false };
}

function pull(event) {
  if (!drag) return;
  const { item } = drag, by = event.pageY - drag.y, middle = i => i.offsetTop + i.offsetHeight / 2;
  if (!drag.on && Math.abs(by) < 6) return;
  if (!drag.on) {
    drag.on = true;
    list.setPointerCapture(event.pointerId);
    item.classList.add("held");
  }
  const at = drag.top + by + item.offsetHeight / 2;
  while (item.previousElementSibling && at < middle(item.previousElementSibling)) move(item, -1);
  while (item.nextElementSibling && at > middle(item.nextElementSibling)) move(item, 1);
  item.style.translate = `0 ${drag.top + by - item.offsetTop}px`;
  if (event.clientY < 90) scrollBy(0, -12); else if (event.clientY > innerHeight - 110) scrollBy(0, 12);
}

function letGo(event) {
  const done = drag;
  drag = null;
  if (!done || !done.on) return;
  done.item.style.translate = "";
  done.item.classList.remove("held");
  if (event.type === "pointercancel") return list.append(...done.order);
  keep.hidden = true;
  answer();
  tell(list.dataset.now, done.item);
}

if (!list.closest("fieldset").disabled) {
  for (const e of form.querySelectorAll(".by-hand")) e.hidden = false;
  for (const e of form.querySelectorAll(".by-number")) e.hidden = true;
  list.addEventListener("click", event => {
    const item = event.target.closest("li"), button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.by) return byButton(item, Number(button.dataset.by));
    const other = held !== item;
    drop();
    if (other) pick(item);
  });
  list.addEventListener("keydown", keys);
  list.addEventListener("focusout", () => drop());
  list.addEventListener("pointerdown", grab);
  addEventListener("pointermove", pull); // a quick mouse is out of the list before it is held
  addEventListener("pointerup", letGo);
  addEventListener("pointercancel", letGo);
  keep.addEventListener("click", () => { answer(); tell(list.dataset.kept); });
  form.addEventListener("filled", show);
  show();
}
