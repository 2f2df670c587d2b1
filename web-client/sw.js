// Keeps the program, so that the page opens without a network. It never touches what the server answers to the program:
// only the page itself and the hashed files are kept.
const CACHE = "hearth-{{version}}";
const FILES = {{precache}};

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/_matrix")) return;
  if (event.request.mode === "navigate") {
    // The network first, so that a new version is seen at once.
    event.respondWith(fetch(event.request).catch(async () => (await caches.match("/")) ?? Response.error()));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith((async () => (await caches.match(event.request)) ?? fetch(event.request))());
  }
});
