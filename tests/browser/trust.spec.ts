// Verification and identities: one's own devices, people, and a server that lies about either.
import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { holdBack } from "./support/gate.ts";
import { ask, roomOf } from "./support/pair.ts";
import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, composer, logIn, messages, openChatWith, openListedChat, passRecoveryKey, say, signUp } from "./support/steps.ts";
import { askToCompare, behindTheLock, bothSee, button, comparison, confirmByKey, offer, startAfresh, verify } from "./support/trust.ts";

/** The two polls of a page: one for rooms, and one for keys. */
const SYNC = /org\.matrix\.simplified_msc3575\/sync/;

let server: Server;
let profiles: Profile[];

test.beforeEach(async () => {
  server = await startServer();
  profiles = [];
});

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await server.stop();
});

async function browser(width = 1280): Promise<Page> {
  const profile = await Profile.create({ viewport: { width, height: 800 } });
  profiles.push(profile);
  return profile.open(server.url);
}

interface People {
  alice: Page;
  bob: Page;
  aliceKey: string;
  bobKey: string;
}

/** Alice and Bob in their chat; `prepare` is done in it before anything is said. */
async function two(prepare = async (_alice: Page): Promise<void> => {}): Promise<People> {
  const [alice, bob] = await Promise.all([browser(), browser()]);
  await signUp(alice, "alice", "Alice");
  await signUp(bob, "bob", "Bob");
  const aliceKey = await passRecoveryKey(alice);
  const bobKey = await passRecoveryKey(bob);
  await openChatWith(alice, "bob", "Bob");
  await prepare(alice);
  await acceptRequest(bob, "Alice");
  await say(alice, "Is it you?");
  await expect(messages(bob).getByText("Is it you?")).toBeVisible();
  await say(bob, "Who else?");
  await expect(messages(alice).getByText("Who else?")).toBeVisible();
  return { alice, bob, aliceKey, bobKey };
}

/** A further browser of somebody, not confirmed. */
async function another(username: string): Promise<Page> {
  const page = await browser();
  await logIn(page, username);
  return page;
}

/** Keys come a second after what is written with them. */
async function keysComeLate(page: Page): Promise<void> {
  await page.route(SYNC, async (route) => {
    if ((route.request().postDataJSON() as { conn_id?: string }).conn_id !== "encryption") return route.continue();
    const answer = await route.fetch({ timeout: 0 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.fulfill({ response: answer });
  });
}

const composerIsGone = (page: Page) => expect(composer(page)).toHaveCount(0);

test("a second device by emoji, a third by the recovery key, and a fourth skips both and is told what it cannot read", async () => {
  const { alice, bob, aliceKey } = await two();

  const second = await another("alice");
  await second.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Bob" }).click();
  await expect(second.getByText("This device isn’t confirmed as yours")).toBeVisible();
  await composerIsGone(second);
  await expect(button(second, "Start voice call")).toHaveCount(0);
  await button(second, "Confirm this device").click();
  await checkBothThemes(second, "confirm this device");
  await button(second, "Use another device").click();
  await expect(comparison(second)).toContainText("Open Hearth on your other device");
  await checkBothThemes(second, "asked");
  await expect(offer(alice)).toContainText("Somebody logged in on");
  await checkBothThemes(alice, "offered");
  await offer(alice).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(alice, second);
  await checkBothThemes(second, "emoji");
  await button(second, "They match").click();
  await expect(comparison(second)).toContainText("Waiting for the other device");
  await button(alice, "They match").click();
  await expect(comparison(second)).toContainText("This device is confirmed");
  await expect(comparison(alice)).toContainText("is confirmed");
  await checkBothThemes(second, "confirmed");
  for (const page of [alice, second]) await comparison(page).getByRole("button", { name: "Close" }).click();
  await openListedChat(second, "Bob");
  for (const text of ["Is it you?", "Who else?"]) await expect(messages(second).getByText(text)).toBeVisible();
  await say(second, "From my phone");
  await expect(messages(bob).getByText("From my phone")).toBeVisible();
  await expect(messages(bob).getByRole("note")).toHaveCount(0);

  const third = await another("alice");
  await confirmByKey(third, aliceKey);
  await openListedChat(third, "Bob");
  for (const text of ["Is it you?", "From my phone"]) await expect(messages(third).getByText(text)).toBeVisible();

  const fourth = await another("alice");
  await expect(bob.getByText(/Alice.* has not confirmed a device/)).toBeVisible();
  await say(bob, "Not for everybody");
  await expect(messages(third).getByText("Not for everybody")).toBeVisible();
  await fourth.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Bob" }).click();
  await expect(messages(fourth).getByText("Your recovery key or another device unlocks it.").first()).toBeVisible();
  await expect(messages(fourth).getByText("The sender shares keys only with confirmed devices.").first()).toBeVisible();
  await composerIsGone(fourth);
  await button(alice, "Settings").click();
  const devices = alice.getByRole("list", { name: "Devices" }).getByRole("listitem");
  await expect(devices.filter({ hasText: "Not confirmed" })).toHaveCount(1);
  await expect(devices.filter({ hasText: "· Confirmed" })).toHaveCount(3);
  await checkBothThemes(alice, "devices");

  // The list of devices is the other way to it.
  await devices.filter({ hasText: "Not confirmed" }).getByRole("button", { name: /^Confirm/ }).click();
  await offer(fourth).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(alice, fourth);
  for (const page of [alice, fourth]) await button(page, "They match").click();
  await expect(comparison(fourth)).toContainText("is confirmed");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  await expect(devices.filter({ hasText: "· Confirmed" })).toHaveCount(4);
});

test("two people compare emoji, and both are told that it is verified", async () => {
  const { alice, bob } = await two();
  await behindTheLock(alice, async (dialog) => {
    await expect(dialog).toContainText("Not verified.");
    await expect(dialog).toContainText("Keys go to one device");
    await expect(dialog).toContainText("These keys were first seen here: Today.");
    await expect(dialog).toContainText("Keys go only to devices that their owner has confirmed.");
  });
  await verify(alice, bob, "Bob");
  for (const page of [alice, bob]) {
    await behindTheLock(page, async (dialog) => {
      await expect(dialog).toContainText("Verified. You and");
      await checkBothThemes(page, "behind the lock");
    });
  }
  await say(alice, "So it is you.");
  await expect(messages(bob).getByText("So it is you.")).toBeVisible();
  await alice.reload();
  await expect(composer(alice)).toBeVisible();
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText("Verified. You and"));
});

test("two people compare emoji though every word is there before its key", async () => {
  const { alice, bob } = await two(async (alice) => {
    const content = { algorithm: "m.megolm.v1.aes-sha2", rotation_period_msgs: 1 };
    await ask(server, alice, "PUT", `rooms/${await roomOf(alice)}/state/m.room.encryption/`, content);
  });
  for (const page of [alice, bob]) await keysComeLate(page);
  // The poll that was under way is not altered; what comes after its end is.
  await say(bob, "In a session of its own");
  await expect(messages(alice).getByText("In a session of its own")).toBeVisible();
  await say(bob, "In another one");
  await expect(messages(alice).getByRole("article").last()).toContainText("The key to this message hasn’t arrived.");
  await expect(messages(alice).getByText("In another one")).toBeVisible();
  await verify(alice, bob, "Bob");
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText("Verified. You and"));
  for (const page of [alice, bob]) await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("nobody is called verified before the server has the signature, and from then on everywhere", async () => {
  const { alice, bob } = await two();
  const letGo = await holdBack(alice, "**/keys/signatures/upload");
  const held = alice.waitForRequest("**/keys/signatures/upload");
  await askToCompare(alice, "Bob");
  await offer(bob).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(alice, bob);
  for (const page of [alice, bob]) await button(page, "They match").click();
  await held;
  await expect(comparison(bob)).toContainText("is verified");
  await expect(comparison(alice)).toContainText("Waiting for the server");
  letGo();
  await expect(comparison(alice)).toContainText("is verified");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  // Without another word of the server.
  const goOn = await holdBack(alice, SYNC);
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText("Verified. You and"));
  goOn();
  await alice.unrouteAll({ behavior: "ignoreErrors" });
});

test("emoji that differ verify nobody, and hold back what is written until one decides", async () => {
  const { alice, bob } = await two();
  await askToCompare(alice, "Bob");
  await offer(bob).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(alice, bob);
  await button(bob, "They don’t match").click();
  for (const page of [alice, bob]) {
    await expect(comparison(page)).toContainText("The emoji don’t match");
    await comparison(page).getByRole("button", { name: "Close" }).click();
    await expect(page.getByRole("alert")).toContainText("Nothing is sent until you decide.");
    await composerIsGone(page);
    await expect(button(page, "Start voice call")).toHaveCount(0);
  }
  await checkBothThemes(alice, "emoji differed");
  await alice.reload();
  await expect(alice.getByRole("alert")).toContainText("didn’t match");
  await composerIsGone(alice);
  await button(alice, "Go on").click();
  await expect(composer(alice)).toBeVisible();
  await behindTheLock(alice, async (dialog) => expect(dialog).toContainText("Not verified."));
});

test("a comparison is declined, and taken back", async () => {
  const { alice, bob } = await two();
  await askToCompare(alice, "Bob");
  await button(bob, "Not now").click();
  await expect(comparison(alice)).toContainText("Cancelled by");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  await askToCompare(alice, "Bob");
  await expect(offer(bob)).toBeVisible();
  await alice.keyboard.press("Escape");
  await expect(comparison(alice)).toHaveCount(0);
  await expect(offer(bob)).toHaveCount(0);
  // Who leaves it says nothing about the keys.
  await say(alice, "Another time, then.");
  await expect(messages(bob).getByText("Another time, then.")).toBeVisible();
});

test("a device that nobody confirmed is named before the next message, and gets no keys", async () => {
  const { alice, bob } = await two();
  await verify(alice, bob, "Bob");
  const added = await another("bob");
  await expect(alice.getByRole("status").filter({ hasText: /Bob.* has not confirmed a device: .*It gets no keys/ })).toBeVisible();
  await behindTheLock(alice, async (dialog) => {
    await expect(dialog).toContainText("Verified. You and");
    await expect(dialog).toContainText(/Keys go to one device.*Not to: .*Chrome on Linux/);
  });
  await say(alice, "Only for Bob");
  await expect(messages(bob).getByText("Only for Bob")).toBeVisible();
  await added.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Alice" }).click();
  await expect(messages(added).getByRole("article").last()).toContainText("confirmed devices");
  await expect(messages(added).getByText("Only for Bob")).toHaveCount(0);
});

test("a message that the server passes off as somebody else's is not shown", async () => {
  const { alice, bob } = await two();
  interface Event {
    type: string;
    sender: string;
  }
  await alice.route(SYNC, async (route) => {
    const answer = await route.fetch({ timeout: 0 });
    const body = (await answer.json()) as { rooms?: Record<string, { timeline?: Event[] }> };
    for (const room of Object.values(body.rooms ?? {})) {
      for (const event of room.timeline ?? []) {
        if (event.type === "m.room.encrypted" && event.sender === "@bob:hearth.test") event.sender = "@alice:hearth.test";
      }
    }
    await route.fulfill({ response: answer, json: body });
  });
  // The poll that was under way is not altered; what is said after its end is.
  const all = messages(alice).getByRole("article");
  await say(bob, "Anybody there?");
  await expect(all).toHaveCount(3);
  await say(bob, "I, Alice, owe Bob a thousand");
  await expect(all).toHaveCount(4);
  await expect(all.last().getByRole("note")).toContainText(/Somebody else’s device wrote this in the name of .*Alice/);
  await expect(messages(alice).getByText("owe Bob a thousand")).toHaveCount(0);
  // A poll is always under way; the end of the browser ends it.
  await alice.unrouteAll({ behavior: "ignoreErrors" });
});

test("a replaced identity is seen before the next message goes out", async () => {
  const { alice, bob } = await two();
  await verify(alice, bob, "Bob");
  const sent: string[] = [];
  alice.on("request", (request) => {
    if (/\/send\/m\.room\.encrypted\//.test(request.url())) sent.push(request.url());
  });
  const impostor = await another("bob");
  await startAfresh(impostor);
  const warning = alice.getByRole("alert").filter({ hasText: "have changed since you compared emoji" });
  await expect(warning).toBeVisible();
  await composerIsGone(alice);
  await expect(button(alice, "Start voice call")).toHaveCount(0);
  expect(sent).toEqual([]);
  await behindTheLock(alice, async (dialog) => {
    await expect(dialog).toContainText("have changed since you compared emoji");
    await expect(dialog).toContainText("These keys took the place of others: Today.");
  });
  await checkBothThemes(alice, "a replaced identity");

  // To begin to compare again and leave it settles nothing.
  await button(alice, "Compare emoji").click();
  await expect(comparison(alice)).toContainText("Waiting for");
  await expect(offer(impostor)).toBeVisible();
  await comparison(alice).getByRole("button", { name: "Cancel" }).click();
  await expect(offer(impostor)).toHaveCount(0);
  await expect(alice.getByRole("alert")).toContainText("You have not finished comparing emoji");
  await composerIsGone(alice);

  await button(alice, "Compare emoji").click();
  await impostor.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Alice" }).click();
  await offer(impostor).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(alice, impostor);
  for (const page of [alice, impostor]) await button(page, "They match").click();
  await expect(comparison(alice)).toContainText("is verified");
  await comparison(alice).getByRole("button", { name: "Close" }).click();
  await expect(composer(alice)).toBeVisible();
  await comparison(impostor).getByRole("button", { name: "Close" }).click();
  await say(alice, "It was you after all.");
  await expect(messages(impostor).getByText("It was you after all.")).toBeVisible();
});

test("somebody who was never verified and has new keys is a notice, which one takes note of", async () => {
  const { alice } = await two();
  const afresh = await another("bob");
  await startAfresh(afresh);
  const notice = alice.getByRole("alert").filter({ hasText: /The keys of .*Bob.* have changed\./ });
  await expect(notice).toBeVisible();
  await expect(composer(alice)).toBeVisible();
  await checkBothThemes(alice, "changed keys");
  await button(alice, "Go on").click();
  await expect(notice).toHaveCount(0);
  await alice.reload();
  await expect(composer(alice)).toBeVisible();
  await expect(notice).toHaveCount(0);
  await say(alice, "New phone?");
  await afresh.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Alice" }).click();
  await expect(messages(afresh).getByText("New phone?")).toBeVisible();
});

test("the recovery key is printed, and nothing else of the page is", async () => {
  const page = await browser();
  await page.evaluate(() => {
    window.print = () => document.documentElement.setAttribute("data-printed", "");
  });
  await signUp(page, "alice", "Alice");
  const key = page.getByRole("textbox", { name: "Recovery key" });
  await expect(key).toHaveText(/\w{4}/);
  await button(page, "Print").click();
  await expect(page.locator("html[data-printed]")).toHaveCount(1);
  await expect(button(page, "Continue")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(key).toBeVisible();
  await expect(page.getByText("Recovery key of @alice:hearth.test")).toBeVisible();
  for (const name of ["Copy", "Print", "Continue"]) await expect(button(page, name)).toBeHidden();
  await expect(page.getByRole("heading")).toHaveCount(0);
});
