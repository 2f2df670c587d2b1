// Where the server sends email: an address is confirmed by its link, and who has forgotten their password sets another one by theirs.
import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { type Mailbox, openMailbox } from "./support/mailbox.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, passRecoveryKey, signUp } from "./support/steps.ts";

const NEW_PASSWORD = "seven brown bread rolls";
const ADDRESS = "alice@example.org";
const OTHER = "alice@example.net";

let mailbox: Mailbox;
let server: Server;
let profiles: Profile[];

test.beforeEach(async () => {
  mailbox = await openMailbox();
  server = await startServer({ settings: mailbox.settings });
  profiles = [];
});

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await server.stop();
  mailbox.close();
});

async function open(address: string): Promise<Page> {
  const profile = await Profile.create();
  profiles.push(profile);
  return profile.open(address);
}

async function atBothWidths(page: Page, name: string): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await checkBothThemes(page, `${name}-${width}`);
  }
}

/** Presses the button behind the link that was sent to an address. */
async function confirm(address: string): Promise<void> {
  const page = await open(await mailbox.nextLink(address));
  await expect(page.getByText("has given")).toContainText(address);
  await page.getByRole("button", { name: "Yes, that is me" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
}

test("an address is confirmed by its link, and a password is set by another", async () => {
  const page = await open(server.url);
  await signUp(page, "alice", "Alice");
  await passRecoveryKey(page);
  await page.getByRole("button", { name: "Settings" }).click();
  const addresses = page.getByRole("list", { name: "Email addresses" });
  await expect(addresses.getByRole("listitem")).toContainText([`${ADDRESS}Not confirmed, gets no link`]);
  await confirm(ADDRESS);

  await page.getByRole("button", { name: "Add an address" }).click();
  const form = page.getByRole("region", { name: "Email", exact: true });
  await form.getByRole("textbox", { name: "Your password" }).fill("a wrong one");
  await form.getByRole("button", { name: "Add address" }).click();
  await expect(form.getByRole("alert")).toHaveText("Enter your email address.");
  await form.getByRole("textbox", { name: "Email address" }).fill(OTHER);
  await form.getByRole("button", { name: "Add address" }).click();
  await expect(form.getByRole("alert")).toHaveText(/don’t match/);
  await form.getByRole("textbox", { name: "Your password" }).fill(PASSWORD);
  await form.getByRole("button", { name: "Add address" }).click();
  await expect(form.getByRole("status").filter({ hasText: "We have sent an email to" })).toContainText(OTHER);
  await expect(addresses.getByRole("listitem")).toContainText([OTHER, `${ADDRESS}Confirmed`]);
  await atBothWidths(page, "settings-email");
  const first = await mailbox.nextLink(OTHER);
  await page.getByRole("button", { name: `Confirm ${OTHER}` }).click();
  await expect(addresses.getByRole("status")).toContainText(OTHER);
  expect(await mailbox.nextLink(OTHER), "asked once more, there is another link").not.toBe(first);
  await page.getByRole("button", { name: `Remove ${OTHER}` }).click();
  await expect(addresses.getByRole("listitem")).toHaveCount(1);
  expect(mailbox.unread()).toBe(0);

  const other = await open(server.url);
  await programIsThere(other);
  await other.getByRole("textbox", { name: "Username or email" }).fill(ADDRESS);
  await other.getByRole("button", { name: "Forgot your password?" }).click();
  await expect(other.getByRole("heading", { name: "Forgot your password?" })).toBeVisible();
  const field = other.getByRole("textbox", { name: "Email" });
  await expect(field).toHaveValue(ADDRESS);
  await expect(other.getByRole("status")).toContainText("doesn’t touch your keys");
  await field.fill("");
  await other.getByRole("button", { name: "Send me a link" }).click();
  await expect(other.getByRole("alert")).toHaveText("Enter your email address.");
  await atBothWidths(other, "forgot");
  await field.fill(ADDRESS);
  await other.getByRole("button", { name: "Send me a link" }).click();
  await expect(other.getByRole("status").filter({ hasText: "a link is on its way" })).toBeVisible();
  await atBothWidths(other, "forgot-sent");

  const reset = await open(await mailbox.nextLink(ADDRESS));
  await expect(reset.getByText("@alice:hearth.test")).toBeVisible();
  await reset.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await reset.getByRole("button", { name: "Set password" }).click();
  await expect(reset.getByRole("status").filter({ hasText: "Your new password is set." })).toBeVisible();

  await other.getByRole("button", { name: "Back to the log-in" }).click();
  await other.getByRole("textbox", { name: "Username or email" }).fill(ADDRESS);
  await other.getByRole("textbox", { name: "Password" }).fill(NEW_PASSWORD);
  await other.getByRole("button", { name: "Log in" }).click();
  await expect(other.getByRole("status").filter({ hasText: "Older messages are locked on this device." })).toBeVisible();
});

test("who asks for an address that nobody has is told the same, and nothing is sent", async () => {
  const page = await open(server.url);
  await programIsThere(page);
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("nobody@example.org");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByRole("status").filter({ hasText: "a link is on its way" })).toContainText("nobody@example.org");
  expect(mailbox.unread()).toBe(0);
});
