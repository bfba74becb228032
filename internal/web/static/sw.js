// Answers from the shelf where there is no network. On the shelf is only what
// somebody took along (take.js); with a network everything comes from the server,
// and what is on the shelf becomes fresh, with the scripts and styles of its
// release. No key of a question is ever in a page.
const shelf = "havn-shelf";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (request.mode === "navigate" && request.method === "POST") return event.respondWith(fetch(request).catch(away));
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/") || url.pathname === "/leave") return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  try {
    const fresh = await fetch(request);
    const wanted = kept || new URL(request.url).pathname.startsWith("/static/") && await caches.has(shelf);
    if (wanted && fresh.ok && !fresh.redirected) (await caches.open(shelf)).put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (kept) return kept;
    if (request.mode === "navigate") return away(error);
    throw error;
  }
}

async function away(error) {
  const page = await caches.match("/offline", { ignoreVary: true });
  if (page) return page;
  throw error;
}
