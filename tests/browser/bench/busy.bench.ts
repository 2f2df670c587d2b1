// How long the page is busy at once: with what somebody sends to keep it so, and with thirty pictures sent together.
// Prints figures; asserts only that the pictures are all there and in order.
import { type Page, expect, test } from "@playwright/test";

import { photo, pickFiles } from "../support/files.ts";
import { FORMATTED, TEXTS } from "../support/hostile.ts";
import { type Pair, ask, meetInOneChat, roomOf, tell } from "../support/pair.ts";
import { composer, messages } from "../support/steps.ts";

const PICTURES = 30;

/** Notes every task of more than 50 ms from now on. */
async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    (window as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
}

/** The longest task since this was asked last, in milliseconds; 0 when none took more than 50. */
async function longest(page: Page): Promise<number> {
  return page.evaluate(async () => {
    await new Promise((done) => setTimeout(done, 200));
    return Math.max(0, ...(window as unknown as { tasks: number[] }).tasks.splice(0));
  });
}

let pair: Pair;

test.beforeAll(async () => {
  pair = await meetInOneChat();
  for (const page of [pair.alicePage, pair.bobPage]) await watchTasks(page);
});

test.afterAll(async () => {
  await pair?.leave();
});

test("what is sent to keep the page busy", async () => {
  const { alicePage, bobPage } = pair;
  const room = await roomOf(alicePage);
  const settle = async (what: string, at: number): Promise<void> => {
    await tell(bobPage, alicePage, `${at}`);
    console.log(`${what}: longest task ${(await longest(alicePage)).toFixed(0)} ms, at the sender's ${(await longest(bobPage)).toFixed(0)} ms`);
  };
  await settle("an ordinary message", 0);
  let at = 1;
  for (const [what, text] of Object.entries(TEXTS)) {
    await composer(bobPage).fill(text);
    await longest(bobPage);
    await composer(bobPage).press("Enter");
    await settle(what, at++);
  }
  for (const [what, html] of Object.entries(FORMATTED)) {
    const content = { msgtype: "m.text", body: "plain", format: "org.matrix.custom.html", formatted_body: html.slice(0, 60_000) };
    await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/${encodeURIComponent(what)}`, content);
    await settle(`formatted: ${what}`, at++);
  }
});

test("thirty pictures at once", async () => {
  const { alicePage, bobPage } = pair;
  const names = Array.from({ length: PICTURES }, (_, at) => `picture-${at}.jpg`);
  const files = await Promise.all(names.map((name) => photo(bobPage, name, 3_000, 2_000)));
  // What hands the files to the page is a task of its own, which no person's picking has.
  await pickFiles(bobPage, files);
  await expect(bobPage.getByRole("list", { name: "Files to send" }).getByRole("listitem")).toHaveCount(PICTURES);
  await Promise.all([longest(alicePage), longest(bobPage)]);
  const begun = Date.now();
  await bobPage.getByRole("button", { name: "Send", exact: true }).click();
  for (const page of [alicePage, bobPage]) {
    const shown = messages(page).getByRole("button", { name: /^Open picture picture-/ });
    await expect(shown).toHaveCount(PICTURES);
    expect(await shown.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")))).toEqual(names.map((name) => `Open picture ${name}`));
  }
  console.log(`${PICTURES} pictures: ${((Date.now() - begun) / 1000).toFixed(1)} s; longest task ${(await longest(bobPage)).toFixed(0)} ms, at the receiver's ${(await longest(alicePage)).toFixed(0)} ms`);
});
