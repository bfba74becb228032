// Takes a course along: its pages go to this device, one by one, and a worker
// answers from there while the network is away.
const box = document.getElementById("take");
const shelf = "havn-shelf";

if (box && "serviceWorker" in navigator && window.caches) {
  const [go, away, bar, done] = ["[data-go]", "[data-away]", "progress", "[data-done]"].map(s => box.querySelector(s));
  const list = JSON.parse(box.dataset.list);
  box.hidden = false;

  const show = async () => {
    const there = await caches.has(shelf) && await (await caches.open(shelf)).match(list[0], { ignoreVary: true });
    go.hidden = Boolean(there);
    away.hidden = done.hidden = !there;
    bar.hidden = true;
  };

  go.addEventListener("click", async () => {
    go.disabled = true;
    bar.hidden = false;
    bar.max = list.length;
    const pages = await caches.open(shelf);
    try {
      await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
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
