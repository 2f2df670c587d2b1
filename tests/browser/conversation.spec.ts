// Two people in two browsers of their own: sign up, find each other, talk, come back, leave without a trace.
import { type Page, expect, test } from "@playwright/test";

import { holdBack, holdDatabase } from "./support/gate.ts";
import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, acceptRequest, composer, logIn, logOut, messages, openChatWith, openListedChat, passRecoveryKey, say, signUp, texts } from "./support/steps.ts";

const TALK = [
  ["alice", "Hello Bob, can you read this?"],
  ["bob", "Yes! Loud and clear."],
  ["alice", "Lovely. The stove is on."],
  ["bob", "I’ll bring bread."],
  ["alice", "Seven o’clock?"],
  ["bob", "Seven it is."],
] as const;
const WORDS = TALK.map(([, text]) => text);

let server: Server;
let alice: Profile;
let bob: Profile;

test.beforeEach(async () => {
  server = await startServer();
  alice = await Profile.create();
  bob = await Profile.create();
});

test.afterEach(async () => {
  await alice.remove();
  await bob.remove();
  await server.stop();
});

/** Both sign up and have their chat open; `key` is Alice's recovery key. */
async function meet(): Promise<{ alicePage: Page; bobPage: Page; key: string }> {
  const alicePage = await alice.open(server.url);
  const bobPage = await bob.open(server.url);
  await signUp(alicePage, "alice");
  await signUp(bobPage, "bob");
  const key = await passRecoveryKey(alicePage);
  await passRecoveryKey(bobPage);
  await openChatWith(alicePage, "bob");
  await acceptRequest(bobPage, "alice");
  return { alicePage, bobPage, key };
}

async function talk(alicePage: Page, bobPage: Page): Promise<void> {
  const pages = { alice: alicePage, bob: bobPage };
  for (const [who, text] of TALK) {
    await say(pages[who], text);
    const other = who === "alice" ? bobPage : alicePage;
    await expect(messages(other).getByText(text, { exact: true })).toBeVisible();
  }
}

/** Somebody who has an account and is not there. */
async function register(username: string): Promise<void> {
  const body = JSON.stringify({ username, password: PASSWORD, auth: { type: "m.login.dummy" } });
  const answer = await fetch(`${server.url}/_matrix/client/v3/register`, { method: "POST", body });
  expect(answer.status, await answer.text()).toBe(200);
}

test("two people find each other, talk, and come back to their history", async () => {
  let { alicePage, bobPage } = await meet();
  await talk(alicePage, bobPage);
  await expect.poll(() => texts(alicePage)).toEqual(WORDS);
  await expect.poll(() => texts(bobPage)).toEqual(WORDS);

  // What was said is nowhere on the server; who talked with whom is, which shows that the search finds things.
  for (const text of WORDS) expect(await server.placesOf(text)).toEqual([]);
  expect(await server.placesOf("@alice:")).toContain("export");

  // A reload stays logged in, in the same chat. Older messages come as they are fetched.
  await alicePage.reload();
  await expect.poll(() => texts(alicePage)).toEqual(WORDS);

  // So does a restart of the browser.
  await alice.close();
  await bob.close();
  alicePage = await alice.open(server.url);
  bobPage = await bob.open(server.url);
  for (const [page, other] of [[alicePage, "bob"], [bobPage, "alice"]] as const) {
    await openListedChat(page, other);
    await expect.poll(() => texts(page)).toEqual(WORDS);
  }

  // Looking for the same person again leads to the same chat.
  await openChatWith(alicePage, "bob");
  await expect.poll(() => texts(alicePage)).toEqual(WORDS);
  await expect(alicePage.getByRole("list", { name: "Chats" }).getByRole("button")).toHaveCount(1);
});

test("whoever is picked takes the place of the chat before at once, even when the server does not answer", async () => {
  await Promise.all([register("bob"), register("carol")]);
  const page = await alice.open(server.url);
  await signUp(page, "alice");
  await passRecoveryKey(page);
  await openChatWith(page, "bob");

  const full = { status: 500, json: { errcode: "M_UNKNOWN", error: "The disk is full" } };
  const refuse = await holdBack(page, "**/createRoom", (route) => route.fulfill(full));
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill("carol");
  await page.getByRole("list", { name: "People" }).getByRole("button", { name: "carol" }).click();
  await expect(page.getByRole("heading", { name: "carol", level: 1 })).toBeVisible();
  await expect(page.getByText("Opening the chat…")).toBeVisible();
  await expect(composer(page)).toHaveCount(0);

  refuse();
  const again = page.getByRole("button", { name: "Try again" });
  await expect(again).toBeVisible();
  await page.unroute("**/createRoom");
  await again.click();
  await say(page, "Hello Carol!");
  await expect(page.getByRole("heading", { name: "carol", level: 1 })).toBeVisible();
  await openListedChat(page, "bob");
  await expect(messages(page).getByText("Hello Carol!")).toHaveCount(0);
});

test("somebody picked twice while the chat is being made has one chat", async () => {
  await Promise.all([register("bob"), register("carol")]);
  const page = await alice.open(server.url);
  await signUp(page, "alice");
  await passRecoveryKey(page);

  const makeNow = await holdBack(page, "**/createRoom");
  for (const name of ["bob", "carol", "bob"]) {
    await page.getByRole("searchbox", { name: "Find chats and people" }).fill(name);
    await page.getByRole("list", { name: "People" }).getByRole("button", { name }).click();
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  }
  makeNow();
  await say(page, "Hello Bob!");
  const chats = page.getByRole("list", { name: "Chats" }).getByRole("button");
  await expect(chats).toHaveCount(2);
  await openListedChat(page, "bob");
  await expect(messages(page).getByText("Hello Bob!")).toBeVisible();
  await expect(chats).toHaveCount(2);
});

test("what is written without a connection is sent when it is back", async () => {
  await register("bob");
  const page = await alice.open(server.url);
  await signUp(page, "alice");
  await passRecoveryKey(page);
  await openChatWith(page, "bob");
  await say(page, "Before");
  const offline = page.getByText("You’re offline.");
  const waiting = messages(page).getByText("Waiting for the connection…");

  await page.context().setOffline(true);
  await expect(offline).toBeVisible();
  await say(page, "In the tunnel");
  await expect(waiting).toBeVisible();
  await page.context().setOffline(false);
  await expect(offline).toHaveCount(0);
  await expect(waiting).toHaveCount(0);
  await expect(messages(page).getByText("Sent", { exact: true })).toBeVisible();

  // A server that is away for a moment, as for an update, is asked again without anybody's doing.
  let isAway = true;
  await page.route("**/send/m.room.encrypted/**", (route) => (isAway ? route.fulfill({ status: 502 }) : route.continue()));
  await say(page, "During the update");
  await expect(waiting).toBeVisible();
  isAway = false;
  await expect(waiting).toHaveCount(0);
  const all = ["Before", "In the tunnel", "During the update"];
  await expect.poll(() => texts(page)).toEqual(all);
  await page.reload();
  await expect.poll(() => texts(page)).toEqual(all);
});

test("what was told and not written down when the page ended is told again", async () => {
  const { alicePage, bobPage } = await meet();
  await say(bobPage, "First");
  await expect(messages(alicePage).getByText("First", { exact: true })).toBeVisible();
  const unkept = () => alicePage.evaluate(() => localStorage.getItem("hearth.unkept"));
  await expect.poll(unkept).toBeNull();

  const names = await alicePage.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ""));
  const release = await holdDatabase(alicePage, names.find((name) => name.endsWith("::event_cache")) ?? "");
  const asked = new Set<string | null>();
  alicePage.on("request", (request) => asked.add(new URL(request.url()).searchParams.get("pos")));
  const told = alicePage.waitForResponse(async (answer) => answer.url().includes("/sync") && (await answer.text()).includes("m.room.encrypted"));
  await say(bobPage, "Second");
  // The page has noted how far it has heard: it asks for what comes after.
  const { pos } = (await (await told).json()) as { pos: string };
  await expect.poll(() => asked.has(pos)).toBe(true);
  expect(await unkept()).not.toBeNull();
  expect(await texts(alicePage)).toEqual(["First"]);

  await alicePage.reload();
  await release();
  await expect.poll(() => texts(alicePage)).toEqual(["First", "Second"]);
  await expect.poll(unkept).toBeNull();
  await alicePage.reload();
  await expect.poll(() => texts(alicePage)).toEqual(["First", "Second"]);
});

test("what is written while the server is gone stands once on both sides when it has been restarted", async () => {
  const { alicePage, bobPage } = await meet();
  await say(alicePage, "Before");
  await expect(messages(bobPage).getByText("Before", { exact: true })).toBeVisible();

  await server.kill();
  await say(alicePage, "Into the dark");
  await expect(messages(alicePage).getByText("Waiting for the connection…")).toBeVisible();
  await say(alicePage, "Anybody there?");
  await server.restart();
  await expect(messages(bobPage).getByText("Anybody there?", { exact: true })).toBeVisible({ timeout: 60_000 });
  await say(bobPage, "Light again");
  await expect(messages(alicePage).getByText("Light again", { exact: true })).toBeVisible();

  const all = ["Before", "Into the dark", "Anybody there?", "Light again"];
  // After a restart the newest comes first and the rest as it is fetched.
  await expect.poll(() => texts(alicePage)).toEqual(all);
  await expect.poll(() => texts(bobPage)).toEqual(all);
  await alicePage.reload();
  await expect.poll(() => texts(alicePage)).toEqual(all);
});

test("logging out leaves nothing behind", async () => {
  const page = await alice.open(server.url);
  await signUp(page, "alice");
  await passRecoveryKey(page);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Back to chats" }).click();
  await logOut(page);

  const kept = () =>
    page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map((database) => database.name),
      local: { ...localStorage },
      session: { ...sessionStorage },
      caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      cookies: document.cookie,
    }));
  const nothing = { databases: [], local: {}, session: {}, caches: [], workers: 0, cookies: "" };
  await expect.poll(kept).toEqual(nothing);

  for (let step = 0; step < 3; step += 1) {
    await page.goBack({ waitUntil: "commit" }).catch(() => null);
    await expect(page.getByText("@alice:")).toHaveCount(0);
    await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toHaveCount(0);
  }
  await page.goto(server.url);
  expect(await kept()).toEqual(nothing);
});

test("logging in again with the email address and the recovery key brings the history back", async () => {
  const { alicePage, bobPage, key } = await meet();
  await talk(alicePage, bobPage);

  await logOut(alicePage);
  await logIn(alicePage, "alice@example.org");
  await expect(alicePage.getByRole("list", { name: "Chats" }).getByRole("button", { name: "bob" })).toBeVisible();
  // All keys of a chat are fetched at once, though the form that asked for it is gone by then.
  const wholeChat = alicePage.waitForRequest(/\/room_keys\/keys\/[^/]+\?version=/, { timeout: 60_000 });
  await alicePage.getByRole("button", { name: "Unlock" }).click();
  await alicePage.getByRole("textbox", { name: "Recovery key" }).fill(key);
  await alicePage.getByRole("main").getByRole("button", { name: "Unlock" }).click();
  await expect(alicePage.getByRole("button", { name: "Make a new key" })).toBeVisible();
  await wholeChat;
  await openListedChat(alicePage, "bob");
  // Each person's messages have keys of their own, which arrive one after the other.
  await expect.poll(() => texts(alicePage)).toEqual(WORDS);
});
