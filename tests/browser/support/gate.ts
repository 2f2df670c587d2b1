// Answers of the server that a test holds back until it says so.
import type { Page, Route } from "@playwright/test";

/** Holds back what `page` asks of `pattern`. Returns what lets all of it go on, by `then`. */
export async function holdBack(page: Page, pattern: string | RegExp, then = (route: Route) => route.continue()): Promise<() => void> {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await page.route(pattern, async (route) => {
    await opened;
    await then(route);
  });
  return open;
}

/**
 * Holds a database of this site, so that nothing is written to it until the answer is called. What waits for it when its page
 * ends is given up by the browser.
 */
export async function holdDatabase(page: Page, name: string): Promise<() => Promise<void>> {
  const holder = await page.context().newPage();
  await holder.goto(new URL("/assets/icon.svg", page.url()).href);
  await holder.evaluate(async (database) => {
    const opening = indexedDB.open(database);
    await new Promise((done) => (opening.onsuccess = done));
    const stores = [...opening.result.objectStoreNames];
    const transaction = opening.result.transaction(stores, "readwrite");
    // It lasts for as long as something is asked of it.
    await new Promise<void>((begun) => {
      const again = (): void => {
        begun();
        transaction.objectStore(stores[0] ?? "").count().onsuccess = again;
      };
      again();
    });
  }, name);
  return () => holder.close();
}
