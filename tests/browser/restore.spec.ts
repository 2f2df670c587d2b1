// A server goes back to a backup, and browsers that know more than it does go on with it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Page, expect, test } from "@playwright/test";

import { type Pair, meetInOneChat, tell } from "./support/pair.ts";
import { Profile } from "./support/profile.ts";
import { PASSWORD, logIn, messages, openListedChat } from "./support/steps.ts";
import { button, confirmByKey } from "./support/trust.ts";

/** What each says after the backup, which the server forgets, and what each says after the restore. */
const LOST = 25;
const AFTER = 50;

let pair: Pair;
let phone: Profile;
let backups: string;

test.beforeEach(async () => {
  backups = await mkdtemp(join(tmpdir(), "hearth-backups-"));
  pair = await meetInOneChat();
  phone = await Profile.create();
});

test.afterEach(async () => {
  await phone.remove();
  await pair.leave();
  await rm(backups, { recursive: true, force: true });
});

/** So many messages each way, each of which stands decrypted at the other. */
async function talk(what: string, count: number): Promise<void> {
  const { alicePage, bobPage } = pair;
  for (let at = 0; at < count; at += 1) {
    await tell(alicePage, bobPage, `${what} ${at} of Alice`);
    await tell(bobPage, alicePage, `${what} ${at} of Bob`);
  }
}

/** The server goes back to its newest backup: a new data folder takes the place of the old one. */
async function goBack(): Promise<void> {
  const { server } = pair;
  await server.kill();
  await rm(server.data, { recursive: true });
  await server.command("restore", backups);
  await server.restart();
}

const databases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name).sort());

test("browsers go on after a restore, with their keys and their history, and one that is newer logs in again", async () => {
  // Two hundred messages, one after the other.
  test.slow();
  const { server, alicePage, bobPage, bobKey } = pair;
  await tell(alicePage, bobPage, "Before");
  let isOver = false;
  const load = (async () => {
    for (let at = 0; !isOver; at += 1) await tell(alicePage, bobPage, `Load ${at}`);
  })();
  for (let time = 0; time < 2; time += 1) await server.command("backup", backups);
  isOver = true;
  await load;

  // What the backup does not know: messages, and keys that a new device has made, claimed and given out.
  await talk("Lost", LOST);
  const phonePage = await phone.open(server.url);
  await logIn(phonePage, "bob");
  await confirmByKey(phonePage, bobKey);
  await openListedChat(phonePage, "Alice");
  await tell(alicePage, phonePage, "To the phone too");
  await tell(phonePage, alicePage, "From the phone");
  const kept = await Promise.all([alicePage, bobPage, phonePage].map(databases));

  await goBack();
  await talk("After", AFTER);
  await expect(phonePage.getByRole("heading", { name: "Log in again" })).toBeVisible();
  await phonePage.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button(phonePage, "Log in").click();
  await expect(messages(phonePage).getByText(`After ${AFTER - 1} of Bob`, { exact: true })).toBeVisible();
  await tell(alicePage, phonePage, "To the phone again");
  await tell(phonePage, alicePage, "From the phone again");
  await tell(bobPage, alicePage, "And from Bob’s first device");

  // Nobody is warned, nothing is locked, and what the server has forgotten is where it was seen.
  const pages = [alicePage, bobPage, phonePage];
  for (const page of [alicePage, bobPage]) await expect(messages(page).getByRole("note")).toHaveCount(0);
  // Nobody could give the phone the keys of what was said while the server did not know it: it has them by way of its person's own keys.
  const notes = messages(phonePage).getByRole("note");
  await expect(notes.filter({ hasNotText: "Restored from a backup" })).toHaveCount(0);
  expect(await Promise.all(pages.map(databases))).toEqual(kept);
  for (const page of [alicePage, bobPage]) {
    await page.reload();
    await expect(messages(page).getByText("And from Bob’s first device", { exact: true })).toBeVisible();
    await expect(messages(page).getByText(`After ${AFTER - 1} of Alice`, { exact: true })).toBeVisible();
  }
});
