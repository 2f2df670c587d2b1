// What somebody is told of who does not look at the page, and what not.
import { type Page, expect, test } from "@playwright/test";

import { ask, roomOf } from "./support/pair.ts";
import { ARGS, Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, composer, messages, openChatWith, openListedChat, passRecoveryKey, say, signUp } from "./support/steps.ts";

interface Shown {
  title: string;
  body: string;
  isClosed: boolean;
}

let server: Server;
let alice: Profile;
let bob: Profile;
let alicePage: Page;
let bobPage: Page;

/** Opens a page that writes down which notes it shows, instead of showing them. Nobody has been asked yet whether it may. */
async function openRecorded(profile: Profile): Promise<Page> {
  const page = await profile.open("about:blank");
  await page.addInitScript(() => {
    const shown: unknown[] = [];
    class Recorded {
      static permission = "default";
      static async requestPermission(): Promise<string> {
        Recorded.permission = "granted";
        return Recorded.permission;
      }
      isClosed = false;
      body: string;
      constructor(
        readonly title: string,
        options: { body: string },
      ) {
        this.body = options.body;
        shown.push(this);
      }
      close(): void {
        this.isClosed = true;
      }
    }
    Object.assign(window, { Notification: Recorded, shown });
  });
  await page.goto(server.url);
  return page;
}

function shown(page: Page): Promise<Shown[]> {
  return page.evaluate(() =>
    (window as unknown as { shown: Shown[] }).shown.map(({ title, body, isClosed }) => ({ title, body, isClosed })),
  );
}

async function look(page: Page, isLooking: boolean): Promise<void> {
  await page.evaluate((isLooking) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (isLooking ? "visible" : "hidden") });
    document.hasFocus = () => isLooking;
    document.dispatchEvent(new Event("visibilitychange"));
  }, isLooking);
}

test.beforeEach(async () => {
  server = await startServer();
  const media = { args: [...ARGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"] };
  alice = await Profile.create(media);
  bob = await Profile.create(media);
  alicePage = await alice.open(server.url);
  bobPage = await openRecorded(bob);
  await signUp(alicePage, "alice", "Alice");
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(alicePage);
  await passRecoveryKey(bobPage, true);
});

test.afterEach(async () => {
  await alice.remove();
  await bob.remove();
  await server.stop();
});

/** They have a chat, and Bob wishes to be told of it. */
async function meet(): Promise<void> {
  await openChatWith(alicePage, "bob", "Bob");
  await acceptRequest(bobPage, "Alice");
  await bobPage.getByRole("button", { name: "Turn on notifications" }).click();
  await expect(bobPage.getByRole("button", { name: "Turn on notifications" })).toHaveCount(0);
}

const row = () => bobPage.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Alice" });
const wish = (name: string) => bobPage.getByRole("switch", { name });
const icon = () => bobPage.locator('link[rel="icon"]').getAttribute("href");

test("a message is told while nobody looks, opened by a press, and taken back when it was read", async () => {
  await meet();
  await say(alicePage, "While you look");
  await expect(row()).toContainText("While you look");
  await expect(messages(alicePage).getByText("Seen", { exact: true })).toBeVisible();
  expect(await shown(bobPage)).toEqual([]);

  await look(bobPage, false);
  await say(alicePage, "Are you there?");
  await expect.poll(() => shown(bobPage)).toEqual([{ title: "Alice", body: "Are you there?", isClosed: false }]);
  await expect(bobPage).toHaveTitle(/^\(1\) /);
  await expect.poll(icon).toBe("/assets/icon-unread.svg");
  // The chat is open, so looking is reading.
  await look(bobPage, true);
  await expect.poll(async () => (await shown(bobPage))[0]?.isClosed).toBe(true);
  await expect.poll(icon).toBe("/assets/icon.svg");

  await bobPage.getByRole("button", { name: "Settings" }).click();
  await look(bobPage, false);
  await say(alicePage, "Press me");
  await expect.poll(async () => (await shown(bobPage)).length).toBe(2);
  await bobPage.evaluate(() => (window as unknown as { shown: Notification[] }).shown[1]?.onclick?.(new Event("click")));
  await expect(composer(bobPage)).toBeVisible();

  // Read on another device.
  await say(alicePage, "Read elsewhere");
  await expect.poll(async () => (await shown(bobPage)).at(-1)).toEqual({ title: "Alice", body: "Read elsewhere", isClosed: false });
  const room = await roomOf(bobPage);
  const latest = (await ask(server, bobPage, "GET", `rooms/${room}/messages?dir=b&limit=1`)) as unknown as { chunk: { event_id: string }[] };
  await ask(server, bobPage, "POST", `rooms/${room}/receipt/m.read/${encodeURIComponent(latest.chunk[0]?.event_id ?? "")}`, {});
  await expect.poll(async () => (await shown(bobPage)).at(-1)?.isClosed).toBe(true);
});

test("what is told is as the person wishes, on this browser", async () => {
  await meet();
  await bobPage.getByRole("button", { name: "Settings" }).click();
  await wish("Do not disturb").check();
  await look(bobPage, false);
  await say(alicePage, "Do not read this");
  await expect(row()).toContainText("Do not read this");
  await look(bobPage, true);
  await wish("Do not disturb").uncheck();
  await wish("Show what was written").uncheck();
  await look(bobPage, false);
  await say(alicePage, "A secret");
  await expect.poll(() => shown(bobPage)).toEqual([{ title: "Hearth", body: "New message", isClosed: false }]);
  await bobPage.reload();
  await expect(wish("Show what was written")).not.toBeChecked();
});

test("a call rings in a note for as long as it rings, and a stranger shows nothing of themselves", async () => {
  const carol = await Profile.create();
  const carolPage = await carol.open(server.url);
  await signUp(carolPage, "carol", "Buy my pills");
  await passRecoveryKey(carolPage);
  await meet();
  await look(bobPage, false);
  await openChatWith(carolPage, "bob", "Bob");
  await expect.poll(() => shown(bobPage)).toEqual([{ title: "Hearth", body: "Somebody wants to talk with you.", isClosed: false }]);
  await carol.remove();

  await alicePage.getByRole("button", { name: "Start voice call" }).click();
  await expect.poll(async () => (await shown(bobPage)).at(-1)).toEqual({ title: "Hearth", body: "Alice is calling", isClosed: false });
  await alicePage.getByRole("button", { name: "Hang up" }).click();
  await expect.poll(async () => (await shown(bobPage)).find(({ body }) => body.startsWith("Alice is"))?.isClosed).toBe(true);
});

test("a muted chat makes no note and counts for nothing, and other clients know", async () => {
  await meet();
  const choose = async (name: string) => {
    await bobPage.getByRole("button", { name: "Chat options" }).click();
    await bobPage.getByRole("menuitem", { name, exact: true }).click();
  };
  const muted = async () => {
    const rules = (await ask(server, bobPage, "GET", "pushrules/")) as unknown as { global: { override: { rule_id: string }[] } };
    return rules.global.override.map(({ rule_id }) => encodeURIComponent(rule_id)).includes(await roomOf(bobPage));
  };
  await choose("Mute");
  await expect(row()).toContainText("Muted");
  await expect.poll(muted).toBe(true);
  await look(bobPage, false);
  await say(alicePage, "Nobody hears me");
  await expect(row()).toContainText("Nobody hears me");
  await expect(bobPage).toHaveTitle(/^Alice/);
  expect(await shown(bobPage)).toEqual([]);
  // It is muted after a reload too.
  await bobPage.reload();
  await expect(row()).toContainText("Muted");
  await openListedChat(bobPage, "Alice");
  await choose("Unmute");
  await expect(row()).not.toContainText("Muted");
  await expect.poll(muted).toBe(false);
});
