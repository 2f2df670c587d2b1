// Who comes by an invite: greeted, signed up without a token to type, and told before typing when it does not count any more.
import { type Page, expect, test } from "@playwright/test";

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { checkBothThemes } from "./support/axe.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, passRecoveryKey } from "./support/steps.ts";

let server: Server;
let profiles: Profile[];

test.beforeEach(async () => {
  server = await startServer({ settings: { HEARTH_REGISTRATION: "invite" } });
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

/** What the server's program prints when its operator calls it beside the running server. */
async function operator(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.env.HEARTH_BIN ?? "", [...args, "--data", server.data]);
  return stdout;
}

async function invite(): Promise<{ id: string; link: string }> {
  const printed = await operator("invite", "new");
  const [, id] = /invite (\w+):/.exec(printed) ?? [];
  const [link] = /http\S+\/#\/join\/\S+/.exec(printed) ?? [];
  if (!id || !link) throw new Error(`no invite in ${printed}`);
  // The server calls itself localhost, and the tests call it by its address.
  return { id, link: `${server.url}/${link.slice(link.indexOf("#"))}` };
}

async function fillIn(page: Page, username: string): Promise<void> {
  await programIsThere(page);
  await page.getByRole("textbox", { name: "Email" }).fill(`${username}@example.org`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
}

test("an invite greets, signs up one person, and is over then", async () => {
  const { link } = await invite();
  const page = await open(link);
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: `You were invited to ${new URL(server.url).host}.` })).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  // The tab has it still, when the page is loaded once more.
  await page.reload();
  await expect(page.getByText("You were invited to")).toBeVisible();
  await checkBothThemes(page, "invited");
  await fillIn(page, "alice");
  await passRecoveryKey(page);
  expect(await page.evaluate(() => sessionStorage.getItem("hearth.invite"))).toBeNull();

  const late = await open(link);
  await expect(late.getByRole("alert")).toHaveText(/doesn’t count any more.*Ask for a new link/);
  await expect(late.getByText("You were invited to")).toBeHidden();
  await fillIn(late, "bob");
  await expect(late.getByRole("alert").filter({ hasText: "You need an invitation to sign up here" })).toBeVisible();
});

test("an invite that was revoked says so before anything is typed", async () => {
  const { id, link } = await invite();
  await operator("invite", "revoke", id);
  const page = await open(link);
  await expect(page.getByRole("alert")).toHaveText(/taken back/);
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue("");
});

test("the first link makes an admin", async () => {
  const [fragment] = /#\/join\/\S+/.exec(server.printed()) ?? [];
  const page = await open(`${server.url}/${fragment}`);
  await fillIn(page, "root");
  await passRecoveryKey(page);
  expect(await operator("user", "list")).toBe("@root:hearth.test  admin\n");
});
