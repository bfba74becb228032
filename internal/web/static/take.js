// Takes a course along: its pages go to this device, one by one, and a worker
// answers from there while the network is away. Its quizzes are begun, so that
// their questions can come along; no key of a question is in any of it.
const box = document.getElementById("take");
const shelf = "havn-shelf";

if (box && "serviceWorker" in navigator && window.caches) {
  const [go, away, bar, done] = ["[data-go]", "[data-away]", "progress", "[data-done]"].map(s => box.querySelector(s));
  const own = JSON.parse(box.dataset.list);
  box.hidden = false;

  /** The pages of an attempt at a quiz: the one that is open, or a new one. */
  async function attempt(quiz) {
    const ask = (method, id, body) => fetch("/api/v1/attempts/" + id, {
      method, body: body && JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content },
    });
    let response = await ask("PUT", crypto.randomUUID(), { course: box.dataset.course, quiz });
    const told = await response.json();
    if (told.code === "attempt-open") response = await ask("GET", told.params.attempt);
    else if (!response.ok) return []; // no attempt is left, or not yet
    const { id, questions } = told.code ? await response.json() : told;
    const page = "/attempts/" + id, screens = questions.filter(q => q.type !== "vignette");
    return [`/courses/${box.dataset.course}/quiz/${quiz}`, page, page + "/check", ...screens.map((_, n) => `${page}?q=${n + 1}`)];
  }

  const show = async () => {
    const there = await caches.has(shelf) && await (await caches.open(shelf)).match(own[0], { ignoreVary: true });
    go.hidden = Boolean(there);
    away.hidden = done.hidden = !there;
    bar.hidden = true;
  };

  go.addEventListener("click", async () => {
    go.disabled = true;
    bar.hidden = false;
    const pages = await caches.open(shelf), list = [...own];
    try {
      await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
      if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
      for (const quiz of JSON.parse(box.dataset.quizzes)) list.push(...await attempt(quiz));
      bar.max = list.length;
      for (const [n, address] of list.entries()) {
        const response = await fetch(address);
        if (!response.ok || response.redirected) throw new Error(address);
        await pages.put(address, response);
        bar.value = n + 1;
      }
    } catch {
      await caches.delete(shelf); // half a course is worse than none
      box.querySelector("[role=alert]").hidden = false;
    }
    go.disabled = false;
    await show();
  });

  away.addEventListener("click", async () => {
    await caches.delete(shelf);
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
    await show();
  });

  show();
}
