// People who ask first: requests, one chat for every two, leaving, blocking, reporting, names that imitate, and finding.
import { type Page, expect, test } from "@playwright/test";

import { DEVICES } from "./calls/people.ts";
import { holdBack } from "./support/gate.ts";
import { roomOf } from "./support/pair.ts";
import { ARGS, Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, composer, logIn, messages, openChatWith, passRecoveryKey, requests, say, signUp, texts } from "./support/steps.ts";
import { confirmByKey } from "./support/trust.ts";

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

async function browser(): Promise<Page> {
  const profile = await Profile.create({ args: [...ARGS, ...DEVICES] });
  profiles.push(profile);
  return profile.open(server.url);
}

/** Somebody who has just signed up. */
async function join(username: string, displayName = ""): Promise<Page> {
  const page = await browser();
  await signUp(page, username, displayName);
  await passRecoveryKey(page);
  return page;
}

/** Two people with a chat between them, open on both screens. */
async function two(): Promise<[Page, Page]> {
  const [alice, bob] = await Promise.all([join("alice", "Alice"), join("bob", "Bob")]);
  await openChatWith(alice, "bob", "Bob");
  await acceptRequest(bob, "Alice");
  return [alice, bob];
}

/** Asks the server as the person at this page, past the client. */
async function ask(page: Page, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const session = await page.evaluate(() => localStorage.getItem("hearth.session"));
  const { access_token: token } = JSON.parse(session ?? "{}") as { access_token: string };
  const answer = await fetch(`${server.url}/_matrix/client/v3/${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    body: body && JSON.stringify(body),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return (await answer.json()) as Record<string, unknown>;
}

const chats = (page: Page) => page.getByRole("list", { name: "Chats" }).getByRole("button");
const search = (page: Page) => page.getByRole("searchbox", { name: "Find chats and people" });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function choose(page: Page, option: string): Promise<void> {
  await button(page, "Chat options").click();
  await page.getByRole("menu", { name: "Chat options" }).getByRole("menuitem", { name: option }).click();
}

test("somebody unknown asks first, and learns nothing until accepted", async () => {
  const [alice, bob] = await Promise.all([join("alice", "Alice"), join("bob", "Bob")]);
  const asked: string[] = [];
  bob.on("request", (request) => asked.push(request.url()));
  await openChatWith(alice, "bob", "Bob");
  await say(alice, "Hello, it is me!");
  await composer(alice).pressSequentially("Are you", { delay: 20 });

  await expect(requests(bob)).toHaveCount(1);
  await expect(requests(bob)).toContainText("Alice");
  await expect(requests(bob)).toContainText("@alice:hearth.test");
  await expect(bob.getByRole("region", { name: "Requests" }).getByRole("button", { name: "Requests 1" })).toBeVisible();
  await expect(chats(bob)).toHaveCount(0);
  await requests(bob).click();
  await expect(bob.getByRole("heading", { name: "Alice" })).toBeVisible();
  await expect(bob.getByRole("main").getByText("@alice:hearth.test")).toBeVisible();
  for (const name of ["Accept", "Decline", "Block", "Report"]) await expect(button(bob, name)).toBeVisible();
  await expect(composer(bob)).toHaveCount(0);
  await expect(bob).toHaveTitle("Hearth");
  // Who asks is told that nothing is known yet, and has nobody to call.
  await expect(alice.getByText("Bob hasn’t accepted yet.")).toBeVisible();
  await expect(button(alice, "Start voice call")).toHaveCount(0);
  await expect(messages(alice).getByText("Seen")).toHaveCount(0);
  expect(asked.filter((url) => /\/(join|receipt|read_markers|typing|messages|members|media)\b/.test(url))).toEqual([]);

  await button(bob, "Accept").click();
  await expect(messages(bob).getByText("Hello, it is me!")).toBeVisible();
  await expect(requests(bob)).toHaveCount(0);
  await expect(chats(bob)).toHaveCount(1);
  await expect(alice.getByText("Bob hasn’t accepted yet.")).toHaveCount(0);
  await expect(button(alice, "Start voice call")).toBeVisible();
  await say(bob, "Come in!");
  await expect(messages(alice).getByText("Come in!")).toBeVisible();
});

test("whoever is declined is gone, and asks again; whoever is blocked does not", async () => {
  const [alice, bob] = await Promise.all([join("alice", "Alice"), join("bob", "Bob")]);
  await openChatWith(alice, "bob", "Bob");
  await requests(bob).click();
  await button(bob, "Decline").click();
  await expect(requests(bob)).toHaveCount(0);
  await expect(bob.getByText("No chats yet.")).toBeVisible();

  // Nobody would read what she writes now, and the chat says so.
  await expect(alice.getByText("Bob has left this chat.")).toBeVisible();
  await expect(composer(alice)).toHaveCount(0);
  await button(alice, "Invite again").click();
  await expect(composer(alice)).toBeVisible();
  await requests(bob).click();
  await button(bob, "Block").click();
  await expect(requests(bob)).toHaveCount(0);

  await button(alice, "Invite again").click();
  await expect(alice.getByText("Bob hasn’t accepted yet.")).toBeVisible();
  await ask(alice, "POST", "createRoom", { invite: ["@bob:hearth.test"], is_direct: true, preset: "trusted_private_chat" });
  await button(bob, "Settings").click();
  const blocked = bob.getByRole("list", { name: "Blocked people" });
  await expect(blocked).toContainText("@alice:hearth.test");
  await expect(requests(bob)).toHaveCount(0);
  await blocked.getByRole("button", { name: "Unblock @alice:hearth.test" }).click();
  await expect(blocked).toHaveCount(0);
  await expect(requests(bob)).toHaveCount(1);
  await acceptRequest(bob, "Alice");
  await expect(requests(bob)).toHaveCount(0);
});

test("what is answered on one device is answered on all", async () => {
  const alice = await join("alice", "Alice");
  const bob = await browser();
  await signUp(bob, "bob", "Bob");
  const key = await passRecoveryKey(bob);
  const phone = await browser();
  await logIn(phone, "bob");
  await confirmByKey(phone, key);
  await openChatWith(alice, "bob", "Bob");
  await say(alice, "For both of your screens");
  await expect(requests(phone)).toHaveCount(1);
  await acceptRequest(bob, "Alice");
  await expect(requests(phone)).toHaveCount(0);
  await chats(phone).filter({ hasText: "Alice" }).click();
  await expect(messages(phone).getByText("For both of your screens")).toBeVisible();
});

test("two who begin at once end in one chat", async () => {
  const [alice, bob] = await Promise.all([join("alice", "Alice"), join("bob", "Bob")]);
  const go = await Promise.all([holdBack(alice, "**/createRoom"), holdBack(bob, "**/createRoom")]);
  for (const [page, name] of [[alice, "bob"], [bob, "alice"]] as const) {
    await search(page).fill(name);
    await page.getByRole("list", { name: "People" }).getByRole("button", { name }).click();
    await expect(page.getByText("Opening the chat…")).toBeVisible();
  }
  for (const each of go) each();
  // Both rooms are there, with both people in them, and both use the same.
  const joined = async () => {
    const rooms = await Promise.all([alice, bob].map(async (page) => (await ask(page, "GET", "joined_rooms")).joined_rooms as string[]));
    return rooms.map((those) => those.toSorted());
  };
  await expect.poll(async () => (await joined()).map((those) => those.length)).toEqual([2, 2]);
  const [hers, his] = await joined();
  expect(hers).toEqual(his);
  await expect.poll(async () => new Set([await roomOf(alice), await roomOf(bob)]).size).toBe(1);
  for (const page of [alice, bob]) {
    await expect(button(page, "Start voice call")).toBeVisible();
    await expect(chats(page)).toHaveCount(1);
    await expect(requests(page)).toHaveCount(0);
  }
  await say(alice, "You first?");
  await expect(messages(bob).getByText("You first?")).toBeVisible();
  await say(bob, "No, you!");
  await expect(messages(alice).getByText("No, you!")).toBeVisible();
  for (const page of [alice, bob]) {
    await page.reload();
    await expect.poll(() => texts(page)).toEqual(["You first?", "No, you!"]);
    await expect(chats(page)).toHaveCount(1);
  }
});

test("a chat is left after a question, and whoever left is invited again", async () => {
  const [alice, bob] = await two();
  await say(bob, "Goodbye then");
  // It is with the server: whoever leaves sooner is not heard any more.
  await expect(messages(alice).getByText("Goodbye then")).toBeVisible();
  await choose(bob, "Leave chat");
  const dialog = bob.getByRole("dialog", { name: "Leave this chat?" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(composer(bob)).toBeVisible();
  await choose(bob, "Leave chat");
  await dialog.getByRole("button", { name: "Leave chat" }).click();
  await expect(bob.getByText("No chats yet.")).toBeVisible();
  await expect(alice.getByText("Bob has left this chat.")).toBeVisible();
  await expect(button(alice, "Start voice call")).toHaveCount(0);

  // Looking for him leads to the same chat, in which he is asked again.
  await search(alice).fill("bob");
  await chats(alice).filter({ hasText: "Bob" }).click();
  await expect(messages(alice).getByText("Goodbye then")).toBeVisible();
  await button(alice, "Invite again").click();
  await acceptRequest(bob, "Alice");
  await say(alice, "Welcome back");
  await expect(messages(bob).getByText("Welcome back")).toBeVisible();
  expect((await ask(alice, "GET", "joined_rooms")).joined_rooms).toHaveLength(1);
});

test("whoever is blocked in a chat is not heard, until unblocked", async () => {
  const [alice, bob] = await two();
  // Before there is a call, which rings for a minute.
  const carol = await join("carol", "Carol");
  await choose(bob, "Block");
  await bob.getByRole("dialog", { name: "Block Alice?" }).getByRole("button", { name: "Block" }).click();
  await expect(bob.getByText("You blocked Alice.")).toBeVisible();
  await expect(composer(bob)).toHaveCount(0);
  await expect(button(bob, "Start voice call")).toHaveCount(0);
  await say(alice, "Can you hear me?");
  await button(alice, "Start voice call").click();
  await expect(alice.getByRole("region", { name: "Call with Bob" })).toBeVisible();
  await expect(chats(bob)).toContainText("Blocked");
  // What is said to him on another way arrives, so that the silence is no accident.
  await openChatWith(carol, "bob", "Bob");
  await expect(requests(bob)).toHaveCount(1);
  await expect(bob.getByRole("alertdialog")).toHaveCount(0);
  await expect(bob.getByText("Can you hear me?")).toHaveCount(0);
  await button(alice, "Hang up").click();

  await button(bob, "Unblock").click();
  await expect(composer(bob)).toBeVisible();
  await say(alice, "And now?");
  await expect(messages(bob).getByText("And now?")).toBeVisible();
});

test("a report says what becomes of it", async () => {
  const [alice, bob] = await Promise.all([join("alice", "Alice"), join("bob", "Bob")]);
  await openChatWith(alice, "bob", "Bob");
  // A server of another make, to begin with.
  const endpoint = "**/_matrix/client/v3/users/*/report";
  const error = { errcode: "M_UNRECOGNIZED", error: "There is no such endpoint" };
  await bob.route(endpoint, (route) => route.fulfill({ status: 404, json: error }));
  await requests(bob).click();
  await button(bob, "Report").click();
  const dialog = bob.getByRole("dialog", { name: "Report Alice?" });
  await dialog.getByRole("textbox", { name: "What happened? (optional)" }).fill("Sells stoves to everybody");
  await dialog.getByRole("button", { name: "Report" }).click();
  await expect(dialog.getByRole("alert")).toContainText("This server takes no reports.");
  await bob.unroute(endpoint);
  const sent = bob.waitForRequest(endpoint);
  await dialog.getByRole("button", { name: "Report" }).click();
  await expect(dialog.getByText("Reported. Thank you.")).toBeVisible();
  expect((await sent).postDataJSON()).toEqual({ reason: "Sells stoves to everybody" });
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toHaveCount(0);
});

test("a chat is called after its person, whatever they call the chat", async () => {
  const [alice, bob] = await two();
  const [room] = (await ask(alice, "GET", "joined_rooms")).joined_rooms as string[];
  await ask(alice, "PUT", `rooms/${encodeURIComponent(room)}/state/m.room.name`, { name: "Mum" });
  await say(alice, "It’s Mum");
  await expect(messages(bob).getByText("It’s Mum")).toBeVisible();
  await expect(bob.getByRole("heading", { level: 1, name: "Alice" })).toBeVisible();
  await expect(chats(bob)).toContainText("Alice");
  await expect(bob.getByText("Mum", { exact: true })).toHaveCount(0);
});

test("names that imitate stand with the user id", async () => {
  const [alice, bob] = await two();
  const inTheList = chats(bob).filter({ hasText: "@alice:hearth.test" });
  await expect(chats(bob)).toHaveCount(1);
  await expect(inTheList).toHaveCount(0);
  // Cyrillic letters, and a sign that turns the line.
  const mallory = await join("mallory", "\u0410lice\u202E");
  await openChatWith(mallory, "bob", "Bob");
  await expect(requests(bob)).toContainText("\u0410lice");
  await expect(requests(bob)).not.toContainText("\u202E");
  await expect(inTheList).toHaveCount(1);
  await acceptRequest(bob, "\u0410lice");
  await expect(chats(bob).filter({ hasText: "@mallory:hearth.test" })).toHaveCount(1);
  await expect(bob.getByRole("main").getByText("@mallory:hearth.test")).toBeVisible();
  await say(alice, "The real one");
  await expect(inTheList).toHaveCount(1);
});

test("one’s own chats are found by name, without a network too, by keys alone", async () => {
  const [alice] = await two();
  const carol = await join("carol", "Carol");
  await openChatWith(alice, "carol", "Carol");
  await acceptRequest(carol, "Alice");
  await alice.context().setOffline(true);
  await expect(alice.getByText("You’re offline.")).toBeVisible();
  await alice.keyboard.press("Control+K");
  await expect(search(alice)).toBeFocused();
  await alice.keyboard.type("bo");
  await expect(chats(alice)).toHaveCount(1);
  await expect(alice.getByText("Other people couldn’t be looked up.")).toBeVisible();
  await alice.keyboard.press("Enter");
  await expect(alice.getByRole("heading", { level: 1, name: "Bob" })).toBeVisible();

  await alice.context().setOffline(false);
  // In one go, as hasty fingers do: nothing is on the page yet of what is found.
  await search(alice).evaluate((field: HTMLInputElement) => {
    field.focus();
    field.value = "o";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", code: "ArrowDown", bubbles: true, cancelable: true }));
  });
  await expect(chats(alice).first()).toBeFocused();
  await expect(chats(alice)).toHaveCount(2);
  await alice.keyboard.press("ArrowUp");
  await expect(search(alice)).toBeFocused();
  await search(alice).press("ArrowDown");
  await expect(chats(alice).first()).toBeFocused();
  await alice.keyboard.press("ArrowDown");
  await expect(chats(alice).nth(1)).toBeFocused();
  await alice.keyboard.press("ArrowUp");
  await alice.keyboard.press("ArrowUp");
  await expect(search(alice)).toBeFocused();
  await alice.keyboard.press("ArrowDown");
  await alice.keyboard.press("Escape");
  await expect(search(alice)).toBeFocused();
  await expect(search(alice)).toHaveValue("");
});

test("the options of a chat go by keys, and their questions close alone", async () => {
  const [alice] = await two();
  await button(alice, "Chat options").focus();
  await alice.keyboard.press("Enter");
  const item = (name: string) => alice.getByRole("menuitem", { name });
  await expect(item("Mute")).toBeFocused();
  await alice.keyboard.press("ArrowDown");
  await alice.keyboard.press("ArrowDown");
  await expect(item("Report")).toBeFocused();
  await alice.keyboard.press("Escape");
  await expect(item("Report")).toHaveCount(0);
  await expect(button(alice, "Chat options")).toBeFocused();

  await button(alice, "Settings").click();
  await button(alice, "Log out").click();
  await alice.keyboard.press("Escape");
  await expect(alice.getByRole("dialog")).toHaveCount(0);
  await expect(alice.getByRole("heading", { name: "Settings" })).toBeVisible();
});

test("a key meant for something else answers no call", async () => {
  const [alice, bob] = await two();
  await bob.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await button(alice, "Start voice call").click();
  const card = bob.getByRole("alertdialog", { name: "Incoming call from Alice" });
  await expect(card).toBeFocused();
  for (const key of ["Space", "Enter", "Escape"]) await bob.keyboard.press(key);
  await expect(card).toBeVisible();
  await expect(alice.locator("[data-role=call-state]")).not.toHaveText("Connected");
  await card.getByRole("button", { name: "Decline" }).click();
  await expect(card).toHaveCount(0);
});

test("a new recovery key is confirmed before the old one dies", async () => {
  const page = await browser();
  await signUp(page, "alice");
  const old = await passRecoveryKey(page, true);
  const id = await page.evaluate(() => (JSON.parse(localStorage.getItem("hearth.session") ?? "{}") as { user_id: string }).user_id);
  const used = async () => (await ask(page, "GET", `user/${id}/account_data/m.secret_storage.default_key`)).key;
  const before = await used();
  await button(page, "Settings").click();
  await button(page, "Change").click();
  await button(page, "Make a new key").click();
  await expect(page.getByRole("textbox", { name: "Recovery key" })).toHaveText(/\w{4}/);
  expect(await page.getByRole("textbox", { name: "Recovery key" }).innerText()).not.toBe(old);
  await expect(button(page, "Use this key")).toBeDisabled();
  expect(await used()).toBe(before);

  // The old one opens a new device as before.
  const other = await browser();
  await logIn(other, "alice");
  await button(other, "Unlock").click();
  const key = other.getByRole("textbox", { name: "Recovery key" });
  const unlock = other.getByRole("main").getByRole("button", { name: "Unlock" });
  await key.fill(old);
  // A network that is gone makes no key the wrong one.
  await other.route("**/account_data/**", (route) => route.abort());
  await unlock.click();
  await expect(other.getByRole("alert")).toContainText("The server can’t be reached.");
  await other.unroute("**/account_data/**");
  await unlock.click();
  await expect(button(other, "Make a new key")).toBeVisible();

  await page.getByRole("checkbox", { name: "I have saved this key" }).check();
  await button(page, "Use this key").click();
  await expect(page.getByText("Your new recovery key is in use.")).toBeVisible();
  expect(await used()).not.toBe(before);
});
