// Answers of the server that a test holds back until it says so.
import type { Page, Route } from "@playwright/test";

/** Holds back what `page` asks of `pattern`. Returns what lets all of it go on, by `then`. */
export async function holdBack(page: Page, pattern: string, then = (route: Route) => route.continue()): Promise<() => void> {
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
