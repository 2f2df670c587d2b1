// Keeps the program, so that the page opens without a network. It never touches what the server answers to the program:
// only the page itself and the hashed files are kept.
const VERSION = "{{version}}";
const CACHE = `hearth-${VERSION}`;
const FILES = {{precache}};
// A network that has not answered by then may be one that swallows everything.
const PATIENCE_MS = 2_000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => (await caches.open(CACHE)).addAll(FILES))());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    // The one before stays too: other tabs may run it, and load parts of it yet.
    const others = (await caches.keys()).filter((name) => name !== CACHE);
    for (const name of others.slice(0, -1)) await caches.delete(name);
    await self.clients.claim();
  })());
});

// A page says its version: the same one needs nothing but this worker, an older one is told that there is a newer.
self.addEventListener("message", (event) => {
  if (event.data === "take over" || event.data.page === VERSION) event.waitUntil(self.skipWaiting());
  else event.source.postMessage("newer");
});

/** The page of the network, so that a new version is seen at once; the kept one when there is none, or something else answers. */
async function page(request) {
  const kept = await (await caches.open(CACHE)).match("/");
  if (!kept) return fetch(request);
  const asked = fetch(request).then((answer) => (answer.ok ? answer : kept), () => kept);
  return Promise.race([asked, new Promise((done) => setTimeout(done, PATIENCE_MS, kept))]);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/_matrix")) return;
  if (event.request.mode === "navigate") {
    event.respondWith(page(event.request));
  } else if (FILES.includes(url.pathname) || url.pathname.startsWith("/app/")) {
    event.respondWith((async () => (await caches.match(event.request)) ?? fetch(event.request))());
  }
});

// A note that was pressed: of a phone, where the worker shows them.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const [page] = await self.clients.matchAll({ type: "window" });
    if (!page) return self.clients.openWindow("/");
    await page.focus();
    page.postMessage({ open: event.notification.data });
  })());
});
