// The admin's corner: what an admin sees and does there, who is told, and that everybody else finds the ledger alone.
import { type Locator, type Page, expect, test } from "@playwright/test";

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { checkBothThemes } from "./support/axe.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { passRecoveryKey, signUp } from "./support/steps.ts";

/** A client that was refused asks again after half a minute at most, and may just have asked; a purge takes a while as well. */
const PATIENCE_MS = 60_000;
const NEW_PASSWORD = "seven brown bread rolls";

let server: Server;
let profiles: Profile[];
let page: Page;
/** Where the server makes backups. */
let backups: string;

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
const tab = (name: string) => page.getByRole("tab", { name });
const dialog = () => page.getByRole("dialog");

async function open(address: string): Promise<Page> {
  const profile = await Profile.create();
  profiles.push(profile);
  return profile.open(address);
}

async function comeIn(username: string, name: string): Promise<Page> {
  const own = await open(server.url);
  await signUp(own, username, name);
  await passRecoveryKey(own);
  return own;
}

/** Runs a command of the server's program. */
async function run(...args: string[]): Promise<void> {
  await promisify(execFile)(process.env.HEARTH_BIN ?? "", args);
}

/** What the operator does beside the running server. */
async function operate(...args: string[]): Promise<void> {
  await run(...args, "--data", server.data);
}

/** Alice is an admin. */
test.beforeEach(async () => {
  backups = await mkdtemp(join(tmpdir(), "hearth-backups-"));
  server = await startServer({ settings: { HEARTH_BACKUP_FOLDER: join(backups, "all") } });
  profiles = [];
  page = await comeIn("alice", "Alice");
  await operate("user", "make-admin", "alice");
});

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await server.stop();
  await rm(backups, { recursive: true, force: true });
});

async function openCorner(): Promise<void> {
  await button("Settings").click();
  await button("Admin’s corner").click();
  await expect(page.getByRole("heading", { name: "Admin’s corner" })).toBeVisible();
}

/** The entry of somebody in the list, opened. */
async function openPerson(name: string): Promise<Locator> {
  const entry = page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ hasText: `@${name}:hearth.test` });
  const row = entry.getByRole("button", { name: `@${name}:hearth.test` });
  if ((await row.getAttribute("aria-expanded")) !== "true") await row.click();
  await expect(entry.getByText("Signed up")).toBeVisible();
  return entry;
}

/** Asks for something, and says yes. */
async function act(entry: Locator, what: string, action: string): Promise<void> {
  await entry.getByRole("button", { name: what }).click();
  await expect(dialog().getByRole("button", { name: "Cancel" })).toBeFocused();
  await dialog().getByRole("button", { name: action }).click();
}

test("an admin finds people, and locks and unlocks somebody who is told", async () => {
  const bob = await comeIn("bob", "Bob");
  await openCorner();
  const people = page.getByRole("list", { name: "People" }).getByRole("button", { name: /hearth\.test/ });
  await expect(people).toHaveCount(2);
  await page.getByRole("searchbox", { name: "Find people" }).fill("nobody");
  await expect(page.getByText("Nobody found.")).toBeVisible();
  await page.getByRole("searchbox", { name: "Find people" }).fill("bo");
  await expect(people).toHaveCount(1);

  const entry = await openPerson("bob");
  await expect(entry.getByRole("list", { name: "Devices" }).getByRole("listitem")).toHaveCount(1);
  await expect(entry.getByText("1 device, no files")).toBeVisible();
  await entry.getByRole("button", { name: "Lock…" }).click();
  await expect(page.getByRole("dialog", { name: "Lock the account of Bob?" })).toContainText("keys stay as they are");
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await expect(dialog()).toBeHidden();
  await expect(entry.getByRole("button", { name: "Lock…" })).toBeFocused();
  await act(entry, "Lock…", "Lock account");
  await expect(entry.getByText("Locked", { exact: true })).toBeVisible();
  // Whoever is locked out is told so, and goes on by themselves once they are not.
  const told = bob.getByRole("status").filter({ hasText: "Your account is locked." });
  await expect(told).toBeVisible();
  await act(entry, "Unlock…", "Unlock account");
  await expect(entry.getByText("Locked", { exact: true })).toBeHidden();
  await expect(told).toBeHidden({ timeout: PATIENCE_MS });

  await tab("Ledger").click();
  const entries = page.getByRole("list", { name: "Ledger" }).getByRole("listitem");
  await expect(entries).toHaveCount(3);
  await expect(entries.first()).toContainText("alice unlocked the account of bob");
  await expect(entries.last()).toContainText("Operator made alice an admin");
});

test("an account is closed, then erased, and the receipt is saved", async () => {
  const bob = await comeIn("bob", "Bob");
  await openCorner();
  const entry = await openPerson("bob");
  await entry.getByRole("button", { name: "Deactivate…" }).click();
  await expect(dialog()).toContainText("This can’t be undone.");
  const erases = dialog().getByRole("checkbox", { name: "Also erase" });
  await erases.check();
  await page.keyboard.press("Escape");
  await expect(dialog()).toBeHidden();
  await entry.getByRole("button", { name: "Deactivate…" }).click();
  await expect(erases).not.toBeChecked();
  await dialog().getByRole("button", { name: "Deactivate for good" }).click();
  await expect(entry.getByText("Closed", { exact: true })).toBeVisible();
  await expect(entry.getByText("Nobody can log in to it again.")).toBeVisible();
  await expect(bob.getByRole("searchbox", { name: "Find chats and people" })).toBeHidden();

  await act(entry, "Erase…", "Erase for good");
  const save = entry.getByRole("button", { name: "Save receipt" });
  await expect(save).toBeVisible({ timeout: PATIENCE_MS });
  const saved = page.waitForEvent("download");
  await save.click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe("bob-receipt.json");
  expect(await readFile(await download.path(), "utf8")).toContain("@bob:hearth.test");
  await run("log", "verify-receipt", await download.path());
  await tab("Ledger").click();
  await expect(page.getByRole("list", { name: "Ledger" })).toContainText("alice deactivated the account of bob and had it erased");
});

test("a reset link that an admin makes sets a new password, and an admin is made and unmade", async () => {
  const bob = await comeIn("bob", "Bob");
  await openCorner();
  const entry = await openPerson("bob");
  await act(entry, "Reset password…", "Make link");
  const made = page.getByRole("textbox", { name: "Reset link" });
  const link = await made.inputValue();
  // What was pressed for it is gone, and the focus with it.
  await page.keyboard.press("Escape");
  await expect(dialog()).toBeHidden();
  await expect(page.getByRole("heading", { name: "Admin’s corner" })).toBeVisible();
  const [found] = /#\/reset\/\S+/.exec(link) ?? [];
  const reset = await open(`${server.url}/${found ?? ""}`);
  await reset.getByRole("textbox", { name: "New password" }).fill(NEW_PASSWORD);
  await reset.getByRole("button", { name: "Set password" }).click();
  await expect(reset.getByRole("status").filter({ hasText: "Your new password is set." })).toBeVisible();
  await expect(bob.getByRole("heading", { name: "Log in again" })).toBeVisible();

  await act(entry, "Make admin…", "Make admin");
  await expect(entry.getByText("Admin", { exact: true })).toBeVisible();
  await expect(entry.getByRole("button", { name: "Deactivate…" })).toHaveCount(0);
  await act(entry, "Remove as admin…", "Remove as admin");
  await expect(entry.getByRole("button", { name: "Deactivate…" })).toBeVisible();
  // The last admin stays one, and hears why.
  const own = await openPerson("alice");
  await act(own, "Remove as admin…", "Remove as admin");
  await expect(dialog().getByRole("alert")).toContainText(/admin/i);
  await dialog().getByRole("button", { name: "Cancel" }).click();
  // Once there is another, they may go, and see what everybody sees.
  await act(await openPerson("bob"), "Make admin…", "Make admin");
  await act(await openPerson("alice"), "Remove as admin…", "Remove as admin");
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await expect(page.getByRole("tab")).toHaveCount(0);
});

test("an invite is made, used and taken back", async () => {
  await openCorner();
  await tab("Invites").click();
  await page.getByRole("textbox", { name: "Note" }).fill("Grandma");
  await page.getByRole("textbox", { name: "For how many people" }).fill("0");
  await expect(page.getByRole("alert")).toHaveText("A number from 1 to 1000.");
  await expect(button("Make invite")).toBeDisabled();
  await page.getByRole("textbox", { name: "For how many people" }).fill("2");
  await page.getByRole("combobox", { name: "Counts for" }).selectOption("A day");
  await button("Make invite").click();
  const link = await page.getByRole("textbox", { name: "Invite link" }).inputValue();
  const [found] = /#\/join\/\S+/.exec(link) ?? [];
  const guest = await open(`${server.url}/${found ?? ""}`);
  await expect(guest.getByRole("status").filter({ hasText: "You were invited" })).toBeVisible();
  await programIsThere(guest);
  await guest.getByRole("textbox", { name: "Email" }).fill("grandma@example.org");
  await guest.getByRole("textbox", { name: "Password" }).fill(NEW_PASSWORD);
  await guest.getByRole("button", { name: "Sign up" }).click();
  await passRecoveryKey(guest);

  await tab("Ledger").click();
  await tab("Invites").click();
  const invites = page.getByRole("list", { name: "Invites" }).getByRole("listitem");
  await expect(invites).toContainText(["Grandma"]);
  await expect(invites.first()).toContainText("1 of 2 used");
  await button("Take back Grandma").click();
  await expect(page.getByRole("dialog", { name: "Take this invite back?" })).toContainText("Accounts that were made with it stay.");
  await dialog().getByRole("button", { name: "Take back" }).click();
  await expect(page.getByText("There are none.")).toBeVisible();
});

test("the server and its log are shown, verified and followed", async () => {
  await openCorner();
  await tab("Server").click();
  await expect(page.getByText(/things? needs? a look|Everything is as it should be/)).toBeVisible();
  const checks = page.getByRole("list", { name: "Checks" });
  await expect(checks.getByText("disk", { exact: true })).toBeVisible();
  await expect(page.getByText("Every day")).toBeVisible();
  await expect(page.getByText("Too early to say")).toBeVisible();

  await tab("Log").click();
  await expect(page.getByRole("img", { name: /Records a day over 30 days/ })).toBeVisible();
  await button("Verify now").click();
  await expect(page.getByText(/Every signature, the chain and the checkpoints hold\./)).toBeVisible();
  await button("Follow").click();
  const records = page.getByRole("log", { name: "Newest records" }).getByRole("listitem");
  await expect(records.filter({ hasText: "account.admin_made" })).toHaveCount(1);
  await comeIn("bob", "Bob");
  await expect(records.filter({ hasText: "account.created" }).first()).toBeVisible();
  await expect(page.getByRole("log", { name: "Newest records" })).not.toContainText("bob");
  await button("Stop following").click();
});

test("sections are tabs, and the corner has a link", async () => {
  await openCorner();
  await tab("People").focus();
  await page.keyboard.press("ArrowRight");
  await expect(tab("Invites")).toBeFocused();
  await expect(tab("Invites")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(tab("Ledger")).toBeFocused();
  await page.keyboard.press("Home");
  await expect(page.getByRole("tabpanel", { name: "People" })).toBeVisible();
  await button("Back to settings").click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await page.goto(`${server.url}/#/admin`);
  await expect(page.getByRole("heading", { name: "Admin’s corner" })).toBeVisible();
  await expect.poll(() => new URL(page.url()).hash).toBe("");
});

test("a member reads the ledger and finds no corner", async () => {
  page = await comeIn("bob", "Bob");
  await button("Settings").click();
  await expect(page.getByRole("heading", { name: "Server" })).toBeVisible();
  await expect(button("Admin’s corner")).toHaveCount(0);
  await button("Ledger").click();
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Ledger" })).toContainText("Operator made alice an admin");
  await expect(page.getByRole("tab")).toHaveCount(0);
  // By its link as well.
  await button("Back to settings").click();
  await page.goto(`${server.url}/#/admin`);
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await expect(page.getByRole("tab")).toHaveCount(0);
});

test("nothing of it breaks axe’s rules, wide and narrow", async () => {
  await comeIn("bob", "Bob");
  await comeIn("carol", "Carol");
  await operate("user", "lock", "carol");
  await openCorner();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    const checked = async (screen: string): Promise<void> => {
      const parts = [page.locator("html"), page.locator(".admin-body"), page.locator(".admin-tabs")];
      for (const part of parts) {
        const spare = await part.evaluate((element) => element.clientWidth - element.scrollWidth);
        expect(spare, `${screen} at ${width} px is no wider than the page`).toBeGreaterThanOrEqual(0);
      }
      await checkBothThemes(page, `admin-${screen}`);
    };
    await tab("People").click();
    const entry = await openPerson("bob");
    await expect(entry.getByRole("list", { name: "Devices" })).toBeVisible();
    await checked("people");
    await entry.getByRole("button", { name: "Deactivate…" }).click();
    await expect(dialog()).toBeVisible();
    await checked("deactivate");
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await act(entry, "Reset password…", "Make link");
    await expect(page.getByRole("textbox", { name: "Reset link" })).toBeVisible();
    await checked("reset-link");
    await dialog().getByRole("button", { name: "Done" }).click();
    await tab("Invites").click();
    await button("Make invite").click();
    await expect(page.getByRole("textbox", { name: "Invite link" })).toBeVisible();
    await expect(page.getByRole("list", { name: "Invites" })).toBeVisible();
    await checked("invites");
    await tab("Server").click();
    await expect(page.getByRole("list", { name: "Checks" })).toBeVisible();
    await checked("server");
    await page.getByRole("heading", { name: "Version" }).scrollIntoViewIfNeeded();
    await checked("server-end");
    await tab("Log").click();
    await expect(page.getByRole("img", { name: /Records a day/ })).toBeVisible();
    await button("Verify now").click();
    await expect(page.getByText(/Every signature/).last()).toBeVisible();
    await checked("log");
    await button("Follow").click();
    await expect(page.getByRole("log", { name: "Newest records" })).toBeVisible();
    await button("Stop following").click();
    await page.getByRole("log", { name: "Newest records" }).scrollIntoViewIfNeeded();
    await checked("log-end");
    await tab("Ledger").click();
    await expect(page.getByRole("list", { name: "Ledger" })).toBeVisible();
    await checked("ledger");
  }
});
