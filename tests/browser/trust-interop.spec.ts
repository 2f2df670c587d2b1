// Emoji compared with a client nobody here wrote: matrix-js-sdk's, asked and asking.
import { type Page, expect, test } from "@playwright/test";

import type { Foreign } from "./calls/interop/page.ts";
import { type ForeignPage, serveForeignPage } from "./calls/interop/serve.ts";
import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, composer, messages, openChatWith, passRecoveryKey, say, signUp } from "./support/steps.ts";
import { askToCompare, behindTheLock, button, comparison, emojiOn, offer } from "./support/trust.ts";

let server: Server;
let pages: ForeignPage;
let profiles: Profile[];
let alice: Page;
let foreign: Page;
let roomId: string;

/** Has the foreign client do something. */
async function ask<K extends keyof Foreign>(name: K, ...args: Parameters<Foreign[K]>): Promise<Awaited<ReturnType<Foreign[K]>>> {
  const answer = await foreign.evaluate(
    async ([name, args]) => {
      const client = (window as unknown as { foreign: Record<string, (...args: unknown[]) => unknown> }).foreign;
      return await client[name](...args);
    },
    [name, args] as [string, unknown[]],
  );
  return answer as Awaited<ReturnType<Foreign[K]>>;
}

/** Alice here and Bob there in a chat. */
async function meet(withIdentity: boolean): Promise<void> {
  foreign = await profiles[1].open(pages.url);
  await foreign.waitForFunction(() => "foreign" in window);
  await ask("join", server.url, "bob", PASSWORD, withIdentity);
  await openChatWith(alice, "bob");
  roomId = await ask("joinChat");
  await expect(composer(alice)).toBeVisible();
}

/** They have said something to each other. */
async function talk(): Promise<void> {
  await say(alice, "Hello, stranger");
  await ask("say", roomId, "Hello, Hearth");
  await expect(messages(alice).getByText("Hello, Hearth")).toBeVisible();
}

test.beforeEach(async () => {
  server = await startServer();
  pages = await serveForeignPage();
  profiles = await Promise.all([Profile.create(), Profile.create()]);
  alice = await profiles[0].open(server.url);
  await signUp(alice, "alice", "Alice");
  await passRecoveryKey(alice);
});

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await pages.stop();
  await server.stop();
});

async function bothConfirm(): Promise<void> {
  const [here, there] = await Promise.all([emojiOn(alice), ask("emoji")]);
  expect(here.map((line) => line.split("\n").at(-1))).toEqual(there);
  await button(alice, "They match").click();
  await ask("judge", true);
  await expect(comparison(alice)).toContainText("is verified");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText("Verified. You and"));
  await expect.poll(() => ask("isVerified", "@alice:hearth.test")).toBe(true);
}

test("our client asks it", async () => {
  await meet(true);
  await talk();
  await askToCompare(alice, "bob");
  await ask("acceptComparison");
  await bothConfirm();
});

test("it asks our client", async () => {
  await meet(true);
  await talk();
  await ask("askToCompare", roomId, "@alice:hearth.test");
  await offer(alice).getByRole("button", { name: "Compare emoji" }).click();
  await ask("startComparison");
  await bothConfirm();
});

test("it says that they differ", async () => {
  await meet(true);
  await talk();
  await askToCompare(alice, "bob");
  await ask("acceptComparison");
  await emojiOn(alice);
  await ask("emoji");
  await ask("judge", false);
  await expect(comparison(alice)).toContainText("The emoji don’t match");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  await expect(composer(alice)).toHaveCount(0);
  expect(await ask("isVerified", "@alice:hearth.test")).toBe(false);
});

test("our client says that they differ", async () => {
  await meet(true);
  await talk();
  await askToCompare(alice, "bob");
  await ask("acceptComparison");
  await emojiOn(alice);
  await button(alice, "They don’t match").click();
  await expect.poll(() => ask("cancelled")).toBe("m.mismatched_sas");
  expect(await ask("isVerified", "@alice:hearth.test")).toBe(false);
});

test("whoever's app has no identity gets no keys, which is said", async () => {
  await meet(false);
  const word = alice.getByRole("status").filter({ hasText: /The app of .*bob.* hasn’t set up an identity, so it gets no keys/ });
  await expect(word).toBeVisible();
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText(/No device of .*bob.* gets keys/));
  await say(alice, "Can you read this?");
  await expect.poll(() => ask("texts", roomId)).toEqual(["?"]);
});
