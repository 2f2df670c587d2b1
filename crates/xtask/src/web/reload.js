/* Only in a client that `cargo xtask web --watch` built: the page loads anew once the server has another one. */
(async () => {
  const current = async () => (await fetch("/", { method: "HEAD", cache: "no-store" }).catch(() => null))?.headers.get("etag");
  const loaded = await current();
  for (;;) {
    await new Promise((done) => setTimeout(done, 500));
    const now = await current();
    if (now && now !== loaded) return location.reload();
  }
})();
