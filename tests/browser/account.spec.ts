// The account's devices, its password and its end, in the settings.
import { type Page, expect, test } from "@playwright/test";

import { holdBack } from "./support/gate.ts";
import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, passRecoveryKey, signUp } from "./support/steps.ts";

const NEW_PASSWORD = "a lighthouse keeper’s umbrella";

let server: Server;
let alice: Profile;
let page: Page;

test.beforeEach(async () => {
  server = await startServer();
  alice = await Profile.create();
  page = await alice.open(server.url);
  await signUp(page, "alice", "Alice");
  await passRecoveryKey(page);
});

test.afterEach(async () => {
  await alice.remove();
  await server.stop();
});

/** Logs in as another client; the status says whether that is possible. */
async function logInElsewhere(password: string, name = "Telephone"): Promise<number> {
  const identifier = { type: "m.id.user", user: "alice" };
  const body = JSON.stringify({ type: "m.login.password", identifier, password, initial_device_display_name: name });
  return (await fetch(`${server.url}/_matrix/client/v3/login`, { method: "POST", body })).status;
}

const button = (name: string) => page.getByRole("button", { name, exact: true });
const devices = () => page.getByRole("list", { name: "Devices" }).getByRole("listitem");
const prove = (password: string) => page.getByRole("textbox", { name: "Your password" }).fill(password);

test("nothing in the settings moves once it is to be seen, which it is also when no answer comes", async () => {
  await logInElsewhere(PASSWORD, "Telephone");
  // However long a press takes here, the time after which the settings are shown as they are comes when it is said.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  const letGo = await holdBack(page, "**/v3/devices");
  await button("Settings").click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  const logOut = button("Log out");
  await expect(logOut).toHaveCount(0);
  letGo();
  await expect(logOut).toBeVisible();
  const places = () => page.locator(".settings-section").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y));
  const before = await places();
  await page.waitForTimeout(1_000);
  expect(await places()).toEqual(before);
  await expect(devices()).toHaveCount(2);

  await button("Back to chats").click();
  await holdBack(page, "**/v3/devices");
  await button("Settings").click();
  const wait = page.getByText("Loading your settings…");
  await expect(wait).toBeVisible();
  await page.clock.runFor(2_000);
  await expect(page.getByText("Loading devices…")).toBeVisible();
  await expect(logOut).toBeVisible();
  await expect(wait).toHaveCount(0);
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("devices are renamed, and all others are logged out at once", async () => {
  await logInElsewhere(PASSWORD, "Telephone");
  await logInElsewhere(PASSWORD, "Tablet");
  await button("Settings").click();
  await expect(devices()).toHaveCount(3);
  await button("Rename Tablet").click();
  await page.getByRole("textbox", { name: "Name of this device" }).fill("Kitchen");
  await button("Save").click();
  await expect(button("Rename Kitchen")).toBeVisible();
  await expect(button("Rename Tablet")).toHaveCount(0);

  await button("Log out all other devices").click();
  await prove("not the password");
  await button("Log them all out").click();
  await expect(page.getByRole("alert")).toContainText("password");
  await expect(devices()).toHaveCount(3);
  await prove(PASSWORD);
  await button("Log them all out").click();
  await expect(devices()).toHaveCount(1);
  await expect(devices()).toContainText("This device");
  await expect(button("Log out all other devices")).toHaveCount(0);
});

test("the password is changed, and logs the other devices out", async () => {
  await logInElsewhere(PASSWORD);
  await button("Settings").click();
  await expect(devices()).toHaveCount(2);
  await button("Change password").click();
  await page.getByRole("textbox", { name: "New password" }).fill("short");
  await prove(PASSWORD);
  await button("Change password").click();
  await expect(page.getByText("Use at least 8 characters.")).toBeVisible();
  await page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await button("Change password").click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  await page.reload();
  await expect(devices()).toHaveCount(1);
  expect(await logInElsewhere(PASSWORD)).toBe(403);
  expect(await logInElsewhere(NEW_PASSWORD)).toBe(200);
});

test("an account is deactivated for good, after its words and the password", async () => {
  // The answer comes after the sync has heard of it: the slower of two ways must not be forgotten.
  await page.route("**/account/deactivate", async (route) => {
    const answer = await route.fetch();
    if (answer.ok()) await new Promise((done) => setTimeout(done, 1_000));
    await route.fulfill({ response: answer });
  });
  await button("Settings").click();
  await button("Deactivate account").click();
  await expect(page.getByText("This can’t be undone.")).toBeVisible();
  await button("Cancel").click();
  await button("Deactivate account").click();
  await prove(PASSWORD);
  await button("Deactivate for good").click();
  await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  expect(await page.evaluate(() => localStorage.getItem("hearth.session"))).toBeNull();
  expect(await logInElsewhere(PASSWORD)).toBe(403);
});

test("a browser that asks its person is asked for room only when that was explained and wished", async () => {
  const other = await Profile.create();
  try {
    const fresh = await other.open("about:blank");
    await fresh.addInitScript(() => {
      let count = 0;
      const storage = navigator.storage;
      storage.persist = async () => Boolean((count += 1));
      storage.persisted = async () => count > 0;
      // Only Chromium tells of itself so, and it asks nobody.
      Reflect.deleteProperty(Navigator.prototype, "userAgentData");
      Object.defineProperty(window, "persistAsked", { get: () => count });
    });
    const asked = () => fresh.evaluate(() => (window as unknown as { persistAsked: number }).persistAsked);
    await fresh.goto(server.url);
    await signUp(fresh, "bob", "Bob");
    await passRecoveryKey(fresh);
    await fresh.getByRole("button", { name: "Settings" }).click();
    const storage = fresh.getByRole("region", { name: "Storage" });
    await expect(storage).toContainText("may clear your chats");
    expect(await asked()).toBe(0);
    await storage.getByRole("button", { name: "Keep them" }).click();
    await expect(storage).toContainText("keeps your chats");
    expect(await asked()).toBe(1);
  } finally {
    await other.remove();
  }
});
