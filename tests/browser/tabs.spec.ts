// Several tabs of one browser: one leads, and the lead goes over, comes back, and survives tabs that hang. The same where
// the browser has no locks, as on pages that came over plain HTTP from another machine.
import { type Page, expect, test } from "@playwright/test";

import { holdBack } from "./support/gate.ts";
import { ARGS, Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { passRecoveryKey, signUp } from "./support/steps.ts";

const WAYS = [
  { way: "with locks", host: "127.0.0.1", hasLocks: true },
  { way: "over plain HTTP, without locks", host: "hearth.example", hasLocks: false },
];

let server: Server;
let profile: Profile;

test.beforeAll(async () => {
  server = await startServer();
});

test.afterAll(async () => {
  await server.stop();
});

test.beforeEach(async () => {
  profile = await Profile.create({ args: [...ARGS, "--host-resolver-rules=MAP hearth.example 127.0.0.1"] });
});

test.afterEach(async () => {
  await profile.remove();
});

const wall = (page: Page) => page.getByRole("heading", { name: "Hearth is open in another tab" });
const chats = (page: Page) => page.getByRole("searchbox", { name: "Find chats and people" });
const useItHere = (page: Page) => page.getByRole("button", { name: "Use it here" }).click();

for (const { way, host, hasLocks } of WAYS) {
  /** Somebody is logged in in one tab and opens another. */
  const openTwo = async (username: string): Promise<{ address: string; first: Page; second: Page }> => {
    const address = server.url.replace("127.0.0.1", host);
    const first = await profile.open(address);
    expect(await first.evaluate(() => "locks" in navigator)).toBe(hasLocks);
    await signUp(first, username);
    await passRecoveryKey(first);
    const second = await first.context().newPage();
    await second.goto(address);
    await expect(wall(second)).toBeVisible();
    return { address, first, second };
  };

  test(`the lead goes over when it is asked for, and comes back when that tab is closed, ${way}`, async () => {
    const { first, second } = await openTwo(hasLocks ? "lena" : "lars");
    await useItHere(second);
    await expect(chats(second)).toBeVisible();
    await expect(wall(first)).toBeVisible();
    await useItHere(first);
    await expect(chats(first)).toBeVisible();
    await expect(wall(second)).toBeVisible();
    await first.close();
    await expect(chats(second)).toBeVisible();
  });

  test(`the lead is taken from a tab that hangs, which gives way when it goes on, ${way}`, async () => {
    const { first, second } = await openTwo(hasLocks ? "hanna" : "hugo");
    // A page does nothing else while it waits for such an answer.
    const letGo = await holdBack(first, "**/never");
    const hanging = first.evaluate(() => {
      const question = new XMLHttpRequest();
      question.open("GET", "/never", false);
      question.send();
    });
    await useItHere(second);
    await expect(chats(second)).toBeVisible();
    letGo();
    await hanging;
    await expect(wall(first)).toBeVisible();
    await expect(chats(second)).toBeVisible();
  });

  test(`a log-out in one tab logs the others out, ${way}`, async () => {
    const { first, second } = await openTwo(hasLocks ? "olga" : "oskar");
    await first.getByRole("button", { name: "Settings" }).click();
    await first.getByRole("button", { name: "Log out" }).click();
    await first.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
    for (const page of [first, second]) await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    await expect.poll(() => second.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  });
}

test("an address that is not secure says so before anything is typed", async () => {
  const words = (page: Page) => page.getByRole("alert").filter({ hasText: "This address isn’t secure" });
  const page = await profile.open(server.url.replace("127.0.0.1", "hearth.example"));
  await expect(words(page)).toBeVisible();
  await page.goto(server.url);
  await expect(page.locator("#boot")).toHaveCount(0);
  await expect(words(page)).toHaveCount(0);
});
