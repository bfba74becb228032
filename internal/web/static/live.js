// Keeps a page of a room up with the room: asks every two seconds where it is, and
// loads the page again where it has gone on. Without this script the page does so
// by itself now and then.
const { room, at, shown } = document.querySelector("[data-room]").dataset;
const answers = document.getElementById("answers");

async function look() {
  try {
    const res = await fetch(`/live/${room}/now`);
    if (res.status === 404) return location.reload(); // it has ended
    const now = await res.json();
    if (String(now.at) !== at || String(now.shown) !== shown) return location.replace(location.pathname);
    if (answers && now.answers && answers.textContent !== now.answers) answers.textContent = now.answers;
  } catch {
    // away; the next look may reach it
  }
  setTimeout(look, 2000);
}
setTimeout(look, 2000);
