// Facts about a page that a test waits for before it looks, whatever time they take on a busy machine.
import { type Page, expect } from "@playwright/test";

/** Waits until the program stands in the place of the page's static form: what is typed or pressed is meant for it. */
export async function programIsThere(page: Page): Promise<void> {
  await expect(page.locator("#boot")).toHaveCount(0);
}

/**
 * Waits until the service worker has the page, if there can be one, and what the page asks for goes by way of it. A route that is set while
 * Chromium changes the way is passed by until the page is loaded anew.
 */
export async function workerIsThere(page: Page): Promise<void> {
  await page.evaluate(async (withinMs) => {
    // Only secure pages have one.
    if (!("serviceWorker" in navigator)) return;
    const taken = async () => {
      await navigator.serviceWorker.ready;
      if (navigator.serviceWorker.controller !== null) return;
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
    };
    // A browser that does not trust the address registers none.
    const late = () => new Error("no service worker has taken the page over");
    await Promise.race([taken(), new Promise((_, reject) => setTimeout(() => reject(late()), withinMs))]);
    await fetch("/_matrix/client/versions");
  }, 30_000);
}

/** Waits until nothing is in the middle of a transition. What pulses for ever does not count. */
export async function isAtRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    // What has just changed begins to move with the next frame.
    await frame();
    await frame();
    const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((one) => one.finished));
  });
}

/** Waits until the browser has shown something of the page. */
export async function isPainted(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const look = (list: PerformanceObserverEntryList) => {
          if (list.getEntriesByName("first-contentful-paint").length > 0) resolve();
        };
        new PerformanceObserver(look).observe({ type: "paint", buffered: true });
      }),
  );
}
