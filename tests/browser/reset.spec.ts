// Who comes by a link of an admin's sets a new password: told what that does not unlock, and led to the log-in.
import { type Page, expect, test } from "@playwright/test";

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { checkBothThemes } from "./support/axe.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, passRecoveryKey, signUp } from "./support/steps.ts";

const NEW_PASSWORD = "seven brown bread rolls";

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

async function open(address: string): Promise<Page> {
  const profile = await Profile.create();
  profiles.push(profile);
  return profile.open(address);
}

/** A link for Alice, as the operator makes it beside the running server. */
async function link(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.env.HEARTH_BIN ?? "", ["user", "reset-link", "alice", "--data", server.data]);
  const [found] = /#\/reset\/\S+/.exec(stdout) ?? [];
  if (!found) throw new Error(`no link in ${stdout}`);
  return `${server.url}/${found}`;
}

async function comeIn(): Promise<Page> {
  const page = await open(server.url);
  await signUp(page, "alice", "Alice");
  await passRecoveryKey(page);
  return page;
}

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("a link sets a new password once, and the log-in follows", async () => {
  const first = await comeIn();
  const address = await link();
  const page = await open(address);
  const heading = page.getByRole("heading", { name: "Set a new password" });
  await expect(heading).toBeVisible();
  await expect(page.getByText("@alice:hearth.test")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "doesn’t unlock older messages: your recovery key does" })).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  // The tab has it still, when the page is loaded once more.
  await page.reload();
  await expect(heading).toBeVisible();
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByRole("alert")).toHaveText("Use at least 8 characters.");
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await checkBothThemes(page, `reset-${width}`);
  }
  await page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Your new password is set." })).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.getItem("hearth.reset"))).toBeNull();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await checkBothThemes(page, `reset-done-${width}`);
  }
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("textbox", { name: "Username or email" })).toHaveValue("alice");
  await logIn(page, PASSWORD);
  await expect(page.getByRole("alert")).toHaveText(/don’t match/);
  await logIn(page, NEW_PASSWORD);
  await expect(page.getByRole("heading", { name: "Welcome back" })).toBeHidden();

  // Whoever was logged in is asked for the new one, and has kept what was there.
  await expect(first.getByRole("heading", { name: "Log in again" })).toBeVisible();

  const late = await open(address);
  await expect(late.getByRole("alert")).toHaveText(/doesn’t count.*Ask the person who runs the server for another/);
  await checkBothThemes(late, "reset-over");
  await late.getByRole("button", { name: "Go on without" }).click();
  await expect(late.getByRole("heading", { name: "Welcome back" })).toBeVisible();
});

test("whoever is logged in sets one as well, and stays if they want to", async () => {
  const page = await comeIn();
  await page.goto(await link());
  await page.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await page.getByRole("checkbox", { name: "Log out all my devices" }).uncheck();
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("button", { name: "Settings" })).toBeVisible();
  const other = await open(server.url);
  await programIsThere(other);
  await other.getByRole("textbox", { name: "Username or email" }).fill("alice");
  await logIn(other, NEW_PASSWORD);
  await expect(other.getByRole("heading", { name: "Welcome back" })).toBeHidden();
});
