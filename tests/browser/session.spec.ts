// A session and its end: the server's word forgets nothing, a person's word forgets everything, and what was begun
// meanwhile is never touched.
import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { pickFiles, picture, png, sendFiles, shownSize } from "./support/files.ts";
import { type Pair, ask, meetInOneChat, tell } from "./support/pair.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, composer, logIn, logOut, messages, openChatWith, openListedChat, passRecoveryKey, say, signUp, texts } from "./support/steps.ts";

const SENDS = "**/send/m.room.encrypted/**";
const chats = (page: Page) => page.getByRole("searchbox", { name: "Find chats and people" });
const again = (page: Page) => page.getByRole("heading", { name: "Log in again" });
const databases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());

async function logInAgain(page: Page, password = PASSWORD): Promise<void> {
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
}

test.describe("a session that the server does not take any more", () => {
  let pair: Pair;

  test.beforeEach(async () => {
    pair = await meetInOneChat();
  });

  test.afterEach(async () => {
    await pair.leave();
  });

  test("a token that is over costs a password and nothing else", async () => {
    const { alicePage, bobPage } = pair;
    await tell(alicePage, bobPage, "Before");
    const kept = await databases(alicePage);
    const over = { errcode: "M_UNKNOWN_TOKEN", error: "The token is over", soft_logout: true };
    await composer(alicePage).fill("Refused");
    await alicePage.route(/_matrix\/client\/(?!v3\/login)/, async (route) => {
      // Not before what was written is on its way.
      await new Promise((done) => setTimeout(done, 500));
      await route.fulfill({ status: 401, json: over });
    });
    await composer(alicePage).press("Enter");
    await expect(again(alicePage)).toBeVisible();
    await expect(alicePage.getByText("@alice:")).toBeVisible();
    await say(bobPage, "Are you there?");

    await logInAgain(alicePage, "not the password at all");
    await expect(alicePage.getByRole("alert")).toHaveText(/isn’t the password/);
    expect(await databases(alicePage)).toEqual(kept);
    // A reload changes nothing: what is here is shown, until the server is asked and refuses again.
    await alicePage.reload();
    await expect(again(alicePage)).toBeVisible();

    await alicePage.unrouteAll({ behavior: "wait" });
    await logInAgain(alicePage);
    await expect(messages(bobPage).getByText("Refused", { exact: true })).toBeVisible();
    await expect(messages(alicePage).getByText("Are you there?", { exact: true })).toBeVisible();
    await tell(bobPage, alicePage, "Good");
    await tell(alicePage, bobPage, "After");
    for (const page of [alicePage, bobPage]) {
      await expect.poll(async () => (await texts(page)).sort()).toEqual(["After", "Are you there?", "Before", "Good", "Refused"]);
    }
    expect(await databases(alicePage)).toEqual(kept);
  });

  test("what was under way when the session ended breaks nothing when it comes back", async () => {
    const { alicePage, bobPage } = pair;
    let answer = () => {};
    const held = new Promise<void>((done) => (answer = done));
    const asked = new Promise<void>((done) => {
      void alicePage.route(/media\/config/, async (route) => {
        done();
        await held;
        await route.fulfill({ json: { "m.upload.size": 1_000_000 } });
      });
    });
    await pickFiles(alicePage, [png("late.png", 30, 20, [0, 128, 0])]);
    await asked;
    const over = { errcode: "M_UNKNOWN_TOKEN", error: "The token is over", soft_logout: true };
    await alicePage.route(/_matrix\/client\/(?!v1\/media)/, (route) => route.fulfill({ status: 401, json: over }));
    // The poll that waits was sent before, and would wait as long as is waited for here.
    await say(bobPage, "What ends the poll");
    await expect(again(alicePage)).toBeVisible();
    answer();
    await alicePage.waitForTimeout(1_000);
    await expect(alicePage.getByRole("alertdialog")).toHaveCount(0);
  });

  test("a device that the server has lost is the same one again, and can be written to", async () => {
    const { alicePage, bobPage } = pair;
    await tell(alicePage, bobPage, "Before");
    await alicePage.route(SENDS, (route) => route.fulfill({ status: 502 }));
    await say(alicePage, "Unsent");
    await expect(messages(alicePage).getByText("Waiting for the connection…")).toBeVisible();
    const device = await alicePage.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}").device_id);
    await ask(pair.server, alicePage, "POST", "logout", {});
    await expect(again(alicePage)).toBeVisible();

    await alicePage.unrouteAll();
    await logInAgain(alicePage);
    await expect(messages(bobPage).getByText("Unsent", { exact: true })).toBeVisible();
    expect(await alicePage.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}").device_id)).toBe(device);
    await tell(bobPage, alicePage, "I can write to you");
    await tell(alicePage, bobPage, "And I can read it");
    const all = ["Before", "Unsent", "I can write to you", "And I can read it"];
    await expect.poll(() => texts(bobPage)).toEqual(all);
    await expect.poll(() => texts(alicePage)).toEqual(all);
    // Nobody is warned of anything, and the device is confirmed as before.
    await expect(messages(bobPage).getByRole("note")).toHaveCount(0);
    await alicePage.getByRole("button", { name: "Settings" }).click();
    await expect(alicePage.getByRole("list", { name: "Devices" }).getByText("This device · Confirmed")).toBeVisible();
  });

  test("only a person's word forgets it", async () => {
    const { alicePage, bobPage } = pair;
    await tell(alicePage, bobPage, "Before");
    await ask(pair.server, alicePage, "POST", "logout", {});
    await expect(again(alicePage)).toBeVisible();
    await checkBothThemes(alicePage, "log in again");
    await alicePage.getByRole("button", { name: "Forget everything on this device" }).click();
    const question = alicePage.getByRole("dialog", { name: "Forget everything on this device?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toBeHidden();
    expect((await databases(alicePage)).length).toBeGreaterThan(0);
    await alicePage.getByRole("button", { name: "Forget everything on this device" }).click();
    await question.getByRole("button", { name: "Forget everything" }).click();
    await expect(alicePage.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    await expect.poll(() => databases(alicePage)).toEqual([]);
    expect(await alicePage.evaluate(() => ({ ...localStorage }))).toEqual({});
  });
});

test("a token that is over is renewed without a word, also for a log-out", async () => {
  const pair = await meetInOneChat({ HEARTH_ACCESS_TOKEN_LIFETIME_S: "60" });
  const third = await Profile.create();
  try {
    const { alicePage, bobPage } = pair;
    const kept = (page: Page) => page.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}") as Record<string, string>);
    const [alices, bobs] = [await kept(alicePage), await kept(bobPage)];
    const body = { type: "m.login.password", identifier: { type: "m.id.user", user: "carol" }, password: PASSWORD };
    const carolPage = await third.open(pair.server.url);
    await signUp(carolPage, "carol");
    await passRecoveryKey(carolPage);
    // Carol's page hears nothing while her token runs out, so that nothing has renewed it.
    await carolPage.route("**/sync?*", () => {});
    await alicePage.waitForTimeout(95_000);

    await logOut(carolPage);
    await programIsThere(carolPage);
    const login = await fetch(`${pair.server.url}/_matrix/client/v3/login`, { method: "POST", body: JSON.stringify(body) });
    const { access_token } = (await login.json()) as Record<string, string>;
    const answer = await fetch(`${pair.server.url}/_matrix/client/v3/devices`, { headers: { Authorization: `Bearer ${access_token}` } });
    expect(((await answer.json()) as { devices: unknown[] }).devices).toHaveLength(1);

    await sendFiles(alicePage, [png("late.png", 30, 20, [0, 128, 0])]);
    expect(await shownSize(picture(bobPage, "late.png"))).toEqual({ width: 30, height: 20 });
    await tell(bobPage, alicePage, "Still here");
    expect((await kept(alicePage)).access_token).not.toBe(alices.access_token);
    expect((await kept(bobPage)).access_token).not.toBe(bobs.access_token);
    for (const page of [alicePage, bobPage]) {
      await page.reload();
      await expect(chats(page)).toBeVisible();
      await expect(again(page)).toHaveCount(0);
    }
  } finally {
    await third.remove();
    await pair.leave();
  }
});

test.describe("in and out", () => {
  let server: Server;
  let profile: Profile;

  test.beforeEach(async () => {
    server = await startServer();
    profile = await Profile.create();
  });

  test.afterEach(async () => {
    await profile.remove();
    await server.stop();
  });

  test("a log-in waits until the log-out before it is finished, and is not forgotten with it", async () => {
    const page = await profile.open(server.url);
    await signUp(page, "alice");
    await passRecoveryKey(page);
    // Something else of this site keeps a database open, as a tab that hangs does.
    const other = await page.context().newPage();
    await other.goto(`${server.url}/assets/icon.svg`);
    await other.evaluate(async () => {
      const { name } = (await indexedDB.databases())[0] ?? {};
      const request = indexedDB.open(name ?? "");
      await new Promise((done) => (request.onsuccess = done));
      Object.assign(window, { held: request.result });
    });
    await logOut(page);
    await programIsThere(page);
    await page.getByRole("textbox", { name: "Username or email" }).fill("alice");
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    let asked = 0;
    page.on("request", (request) => (asked += Number(request.url().endsWith("/login") && request.method() === "POST")));
    await page.getByRole("button", { name: "Log in", exact: true }).click();
    await expect(page.getByText("Close other tabs in which Hearth is open.")).toBeVisible();
    expect(asked).toBe(0);
    await other.close();
    await expect(chats(page)).toBeVisible();
    const kept = await databases(page);
    await page.reload();
    await expect(chats(page)).toBeVisible();
    expect(await databases(page)).toEqual(kept);
    expect(await page.evaluate(() => localStorage.getItem("hearth.wipe"))).toBeNull();
  });

  test("a log-out asks about what is unsent, and says what it could not reach", async () => {
    const body = JSON.stringify({ username: "bob", password: PASSWORD, auth: { type: "m.login.dummy" } });
    await fetch(`${server.url}/_matrix/client/v3/register`, { method: "POST", body });
    const page = await profile.open(server.url);
    await signUp(page, "alice");
    await passRecoveryKey(page);
    await openChatWith(page, "bob");
    await say(page, "Hello");
    await expect(messages(page).getByText("Sent", { exact: true })).toBeVisible();
    await page.route(SENDS, (route) => route.fulfill({ status: 502 }));
    await page.route("**/logout", (route) => route.abort());
    for (const text of ["One", "Two"]) await say(page, text);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Log out" }).click();
    const question = page.getByRole("dialog", { name: "Log out?" });
    await expect(question.getByText("2 messages have not been sent. They will be lost.")).toBeVisible();
    await question.getByRole("button", { name: "Log out" }).click();
    await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
    await expect(page.getByRole("alert")).toHaveText(/the server hasn’t heard of it/);
    await expect.poll(() => databases(page)).toEqual([]);
    await page.unrouteAll();
    await page.reload();
    await programIsThere(page);
    await expect(page.getByRole("alert")).toHaveCount(0);
    await logIn(page, "alice");
  });

  test("what is being written is kept over a reload, and goes with a log-out", async () => {
    const body = JSON.stringify({ username: "bob", password: PASSWORD, auth: { type: "m.login.dummy" } });
    await fetch(`${server.url}/_matrix/client/v3/register`, { method: "POST", body });
    const page = await profile.open(server.url);
    await signUp(page, "alice");
    await passRecoveryKey(page);
    await openChatWith(page, "bob");
    await say(page, "Hello");
    await composer(page).fill("Half a sen");
    await page.reload();
    await openListedChat(page, "bob");
    await expect(composer(page)).toHaveValue("Half a sen");
    await logOut(page);
    await programIsThere(page);
    await expect.poll(() => page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    // The browser keeps where one was for as long as the tab is open. It tells nobody with whom.
    for (let entries = await page.evaluate(() => history.length); entries > 1; entries -= 1) {
      // An entry may be another document's: what is asked while it is loaded is asked again.
      await expect(async () => {
        const kept = await page.evaluate(() => `${JSON.stringify(history.state)} ${JSON.stringify({ ...sessionStorage })} ${location.href}`);
        expect(kept).not.toMatch(/hearth\.test|![\w-]{8}/);
      }).toPass({ timeout: 30_000 });
      await page.goBack({ waitUntil: "commit" }).catch(() => null);
    }
  });

  test("nothing is sent from a browser that keeps nothing", async () => {
    const page = await profile.open("about:blank");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("The user denied permission to access the database.", "UnknownError");
      };
    });
    await page.goto(server.url);
    await programIsThere(page);
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByRole("textbox", { name: "Email" }).fill("carol@example.org");
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign up" }).click();
    await expect(page.getByRole("alert")).toHaveText(/The browser keeps no data for this site/);
    expect(asked.filter((path) => path.endsWith("/register"))).toEqual([]);
  });
});
