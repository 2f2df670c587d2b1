// When what happened in a call, by the clock of the page that it happened in: a busy machine takes a time of its own from
// there to the test, which is nobody's promise.
import { type Page, expect } from "@playwright/test";

const WITHIN_MS = 20_000;

/** What a page shows of a call from some moment on. */
interface Shown {
  /** In milliseconds since the Unix epoch. */
  at: number;
  /** How the call stands, in words. */
  state: string;
  /** Whether there is a picture of the other side. */
  camera: boolean;
}

interface Watching {
  pressedAt: number;
  shown: Shown[];
}

/** Runs in the page before anything else. */
export function watchMoments(): void {
  const watching = window as unknown as Watching;
  watching.pressedAt = 0;
  watching.shown = [];
  const press = (event: Event) => {
    watching.pressedAt = performance.timeOrigin + event.timeStamp;
  };
  window.addEventListener("click", press, { capture: true });
  new MutationObserver(() => {
    const state = document.querySelector("[data-role=call-state]")?.textContent ?? "";
    const camera = document.querySelector("[data-role=remote-video]") !== null;
    const last = watching.shown.at(-1);
    if (state !== last?.state || camera !== last?.camera) watching.shown.push({ at: Date.now(), state, camera });
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** When something was last pressed there. */
export async function pressedAt(page: Page): Promise<number> {
  return await page.evaluate(() => (window as unknown as Watching).pressedAt);
}

/** Does what a browser does before it puts a page away whole (this one, driven by tests, puts none away), and says when. */
export async function hiddenAt(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const at = Date.now();
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    return at;
  });
}

/** Closes a page, and says when it went. */
export async function closedAt(page: Page): Promise<number> {
  const kept = "test.closed-at";
  const other = await page.context().newPage();
  await other.goto(new URL("/assets/icon.svg", page.url()).href);
  await page.evaluate((name) => window.addEventListener("pagehide", () => localStorage.setItem(name, String(Date.now()))), kept);
  await page.close();
  await expect.poll(() => other.evaluate((name) => localStorage.getItem(name), kept)).not.toBeNull();
  return Number(await other.evaluate((name) => localStorage.getItem(name), kept));
}

/** When this was shown there for the first time after `since`. It has been seen already. */
export async function shownAt(page: Page, what: Partial<Omit<Shown, "at">>, since: number): Promise<number> {
  const shown = await page.evaluate(() => (window as unknown as Watching).shown);
  const keys = Object.keys(what) as (keyof typeof what)[];
  const found = shown.find((one) => one.at >= since && keys.every((key) => one[key] === what[key]));
  if (!found) throw new Error(`${JSON.stringify(what)} was not shown after ${since}: ${JSON.stringify(shown)}`);
  return found.at;
}

/** What a page said last of its last call; it may have gone away by itself since. */
export async function lastSaid(page: Page): Promise<string> {
  return await page.evaluate(() => (window as unknown as Watching).shown.findLast((one) => one.state)?.state ?? "");
}

/** When more than `count` packets of sound had come in on the page's last connection. Ask before they can have. */
export async function heardAt(page: Page, count: number): Promise<number> {
  return await page.evaluate(
    async ([count, withinMs]) => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] };
      const until = Date.now() + withinMs;
      while (Date.now() < until) {
        let packets = 0;
        const open = connections.filter((one) => one.connectionState !== "closed").at(-1);
        (await open?.getStats())?.forEach((entry) => {
          if (entry.type === "inbound-rtp" && entry.kind === "audio") packets += entry.packetsReceived;
        });
        if (packets > count) return Date.now();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no ${count} packets of sound in ${withinMs} ms`);
    },
    [count, WITHIN_MS],
  );
}
