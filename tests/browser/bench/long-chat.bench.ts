// What a chat of many messages costs: opening it, scrolling in it while more arrives, writing in it, and how long a
// message takes to the other's screen. Prints figures and asserts none.
import { type Page, expect, test } from "@playwright/test";

import { type Pair, ask, meetInOneChat, roomOf, tell } from "../support/pair.ts";
import { composer, messages, openListedChat, say } from "../support/steps.ts";

const MESSAGES = Number(process.env["BENCH_MESSAGES"] ?? 20_000);
const AT_ONCE = 16;
/** How long is scrolled, and how much further each frame. */
const SCROLL_MS = 10_000;
const SCROLL_PX = 120;
const SENT = 60;

const quantile = (values: number[], part: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
};
const figures = (values: number[]): string =>
  `p50 ${quantile(values, 0.5).toFixed(0)} ms, p95 ${quantile(values, 0.95).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms (${values.length})`;

/** How long each frame took while the log was scrolled towards older messages. */
function scrolled(page: Page): Promise<number[]> {
  return page.evaluate(
    ({ ms, px }) =>
      new Promise<number[]>((done) => {
        const log = document.getElementById("log") as HTMLElement;
        const frames: number[] = [];
        const begun = performance.now();
        let last = begun;
        const frame = (now: number): void => {
          frames.push(now - last);
          last = now;
          log.scrollBy(0, -px);
          if (now - begun < ms) requestAnimationFrame(frame);
          else done(frames.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    { ms: SCROLL_MS, px: SCROLL_PX },
  );
}

/** Notes when a key is pressed and when what it changed is painted. */
async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = [];
    (window as unknown as { keyTimes: number[] }).keyTimes = times;
    document.addEventListener(
      "keydown",
      () => {
        const begun = performance.now();
        (window as unknown as { pressed: number }).pressed = performance.timeOrigin + begun;
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => times.push(performance.now() - begun);
          port2.postMessage(0);
        });
      },
      { capture: true },
    );
  });
}

/** When a text is first on this page, in milliseconds since the epoch. */
function appears(page: Page, text: string): Promise<number> {
  return page.evaluate(
    (wanted) =>
      new Promise<number>((done) => {
        const log = document.getElementById("log") as HTMLElement;
        const look = (): void => {
          if (![...log.querySelectorAll("article:last-of-type .message-text")].some((one) => one.textContent === wanted)) return;
          watch.disconnect();
          requestAnimationFrame(() => done(performance.timeOrigin + performance.now()));
        };
        const watch = new MutationObserver(look);
        watch.observe(log, { childList: true, subtree: true, characterData: true });
        look();
      }),
    text,
  );
}

/** When the last request whose address has this in it began and ended, since the epoch. */
function lastRequest(page: Page, part: string): Promise<{ begun: number; ended: number }> {
  return page.evaluate((wanted) => {
    const entry = performance.getEntriesByType("resource").findLast((one) => one.name.includes(wanted)) as PerformanceResourceTiming;
    return { begun: performance.timeOrigin + entry.startTime, ended: performance.timeOrigin + entry.responseEnd };
  }, part);
}

test("a long chat", async () => {
  const pair: Pair = await meetInOneChat();
  const { bobPage } = pair;
  let { alicePage } = pair;
  try {
    await tell(alicePage, bobPage, "Hello");
    const room = await roomOf(alicePage);
    for (let at = 0; at < MESSAGES; at += AT_ONCE) {
      await Promise.all(
        Array.from({ length: AT_ONCE }, (_, beside) =>
          ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/b${at + beside}`, { msgtype: "m.text", body: `Number ${at + beside}` }),
        ),
      );
    }
    await tell(bobPage, alicePage, "The last");

    await pair.alice.close();
    alicePage = await pair.alice.open(pair.server.url);
    await expect(alicePage.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Bob" })).toBeVisible();
    await alicePage.waitForTimeout(5_000);
    const opened = await alicePage.evaluate(
      () =>
        new Promise<number>((done) => {
          const begun = performance.now();
          new MutationObserver((_, watch) => {
            if (!document.querySelector("#log article")) return;
            watch.disconnect();
            requestAnimationFrame(() => done(performance.now() - begun));
          }).observe(document.body, { childList: true, subtree: true });
          const row = [...document.querySelectorAll("button")].find((one) => one.textContent?.includes("Bob"));
          row?.click();
        }),
    );
    console.log(`opened from what is kept: ${opened.toFixed(0)} ms`);

    await openListedChat(alicePage, "Bob");
    let over = false;
    const arriving = (async () => {
      for (let at = 0; !over; at += 1) {
        await composer(bobPage).pressSequentially("Meanwhile");
        await say(bobPage, `Meanwhile ${at}`);
      }
    })();
    const frames = await scrolled(alicePage);
    const quick = frames.filter((ms) => ms <= 20).length / frames.length;
    console.log(`frames while scrolling: ${(quick * 100).toFixed(1)} % in 20 ms; ${figures(frames)}`);
    console.log(`rows on the page: ${await messages(alicePage).getByRole("article").count()}`);
    over = true;
    await arriving;

    await watchKeys(alicePage);
    await composer(alicePage).pressSequentially("Something that takes a while to write. ".repeat(4), { delay: 40 });
    const keys = await alicePage.evaluate(() => (window as unknown as { keyTimes: number[] }).keyTimes);
    console.log(`key to paint: ${figures(keys)}`);
    await composer(alicePage).fill("");
    const jump = alicePage.getByRole("button", { name: "Jump to latest" });
    if (await jump.isVisible()) await jump.click();

    for (const page of [alicePage, bobPage]) await page.evaluate(() => performance.setResourceTimingBufferSize(10_000));
    const stages = new Map<string, number[]>();
    const note = (stage: string, ms: number): void => void stages.set(stage, [...(stages.get(stage) ?? []), ms]);
    for (let at = 0; at < SENT; at += 1) {
      const text = `Timed ${at}`;
      await composer(alicePage).fill(text);
      const shown = appears(bobPage, text);
      await composer(alicePage).press("Enter");
      const end = await shown;
      const pressed = await alicePage.evaluate(() => (window as unknown as { pressed: number }).pressed);
      const request = await lastRequest(alicePage, "/send/m.room.encrypted/");
      const sync = await lastRequest(bobPage, "simplified_msc3575/sync");
      note("Enter to the other's screen", end - pressed);
      note("  key to the request (encryption)", request.begun - pressed);
      note("  request", request.ended - request.begun);
      note("  end of the request to the end of the other's sync", sync.ended - request.ended);
      note("  end of the sync to the screen (decryption, paint)", end - sync.ended);
      await alicePage.waitForTimeout(200);
    }
    for (const [stage, values] of stages) console.log(`${stage}: ${figures(values)}`);
  } finally {
    await pair.leave();
  }
});
