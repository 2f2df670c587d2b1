// What everybody does with messages, in WebKit's engine on one side and in Chromium on the other. The distributions'
// WebKit has no WebRTC, so there are no calls.
import { type Page, expect, test } from "@playwright/test";

import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, acceptRequest, composer, messages, passRecoveryKey, say, signUp, texts } from "./support/steps.ts";
import { WebKit } from "./support/webkit.ts";

const EACH = 50;

let server: Server;
let bob: Profile;
let bobPage: Page;
let alice: WebKit;

test.beforeAll(async () => {
  server = await startServer();
  bob = await Profile.create();
  bobPage = await bob.open(server.url);
  alice = await WebKit.start();
});

test.afterAll(async () => {
  await alice?.stop();
  await bob?.remove();
  await server?.stop();
});

/** The texts of the messages that Alice sees. */
const alices = (): Promise<string[]> => alice.ask(`return [...document.querySelectorAll("#log .message-text")].map((one) => one.textContent)`);

test("sign up, talk, reload, log out, and log in again with the recovery key", async () => {
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(bobPage);

  await alice.open(server.url);
  await alice.programIsThere();
  await alice.press("button", "Create an account");
  await alice.fill("textbox", "Email", "alice@example.org");
  await alice.fill("textbox", /^Display name/, "Alice");
  await expect.poll(() => alice.value("textbox", /^Username/)).toBe("alice");
  const password = await alice.ask<boolean>(`return Boolean(document.querySelector("input[type=password]"))`);
  expect(password).toBe(true);
  await alice.typeInto("input[type=password]", PASSWORD);
  await alice.press("button", "Sign up");
  await alice.one("heading", "Save your recovery key");
  let key = "";
  await expect.poll(async () => (key = await alice.value("textbox", "Recovery key")), { timeout: 60_000 }).toMatch(/\w{4}/);
  await alice.press("button", "Skip for now");

  await alice.fill("searchbox", "Find chats and people", "bob");
  await alice.press("button", /Bob/);
  await alice.enter("textbox", "Message", "Hello from WebKit");
  await acceptRequest(bobPage, "Alice");
  await expect(messages(bobPage).getByText("Hello from WebKit", { exact: true })).toBeVisible();

  const all = ["Hello from WebKit"];
  for (let at = 0; at < EACH; at += 1) {
    await alice.enter("textbox", "Message", `A ${at}`);
    await expect.poll(() => texts(bobPage)).toContain(`A ${at}`);
    await say(bobPage, `B ${at}`);
    await expect.poll(alices).toContain(`B ${at}`);
    all.push(`A ${at}`, `B ${at}`);
  }
  const lately = all.slice(-50);
  await expect.poll(async () => (await alices()).slice(-50)).toEqual(lately);
  await expect.poll(async () => (await texts(bobPage)).slice(-50)).toEqual(lately);
  await expect(messages(bobPage).getByRole("note")).toHaveCount(0);

  await alice.reload();
  await alice.press("button", /Bob/);
  await expect.poll(async () => (await alices()).slice(-10), { timeout: 60_000 }).toEqual(all.slice(-10));
  await alice.enter("textbox", "Message", "After a reload");
  await expect(messages(bobPage).getByText("After a reload", { exact: true })).toBeVisible();

  await alice.press("button", "Settings");
  await alice.press("button", "Log out");
  await alice.pressInDialog("button", "Log out");
  await alice.one("heading", "Welcome back");
  await alice.programIsThere();
  await expect.poll(() => alice.ask<number>("return localStorage.length")).toBe(0);

  await alice.fill("textbox", /^Username or email/, "alice");
  await alice.typeInto("input[type=password]", PASSWORD);
  await alice.press("button", "Log in");
  await alice.press("button", "Unlock");
  await alice.fill("textbox", "Recovery key", key);
  await alice.press("button", "Unlock");
  await alice.one("button", "Make a new key");
  await alice.press("button", /Bob/);
  await expect.poll(async () => (await alices()).at(-1), { timeout: 60_000 }).toBe("After a reload");
  await composer(bobPage).fill("Welcome back");
  await composer(bobPage).press("Enter");
  await expect.poll(alices, { timeout: 60_000 }).toContain("Welcome back");
});
