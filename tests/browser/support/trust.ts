// What people do to be certain of each other and of their own devices, by role and accessible name.
import { type Locator, type Page, expect } from "@playwright/test";

import { PASSWORD } from "./steps.ts";

export const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });

/** The dialog of a comparison. */
export const comparison = (page: Page): Locator => page.getByRole("dialog", { name: /^(Confirm|Compare emoji)/ });

/** What asks whether to compare. */
export const offer = (page: Page): Locator => page.getByRole("alertdialog", { name: /^(Confirm|Compare emoji)/ });

/** Confirms this device by the recovery key. */
export async function confirmByKey(page: Page, key: string): Promise<void> {
  await button(page, "Unlock").first().click();
  await page.getByRole("textbox", { name: "Recovery key" }).fill(key);
  await page.getByRole("main").getByRole("button", { name: "Unlock" }).click();
  await expect(button(page, "Make a new key")).toBeVisible();
}

/** Gives the account new keys, for want of another device and of the recovery key. */
export async function startAfresh(page: Page): Promise<void> {
  await button(page, "Unlock").first().click();
  await button(page, "Start afresh").click();
  await page.getByRole("textbox", { name: "Your password" }).fill(PASSWORD);
  await button(page, "Start afresh").click();
  await expect(button(page, "Make a new key")).toBeVisible();
}

/** The seven emoji that a page shows, by their words. */
export async function emojiOn(page: Page): Promise<string[]> {
  const emoji = comparison(page).getByRole("list", { name: "Emoji" }).getByRole("listitem");
  await expect(emoji).toHaveCount(7);
  return emoji.allInnerTexts();
}

/** Both see the same emoji. */
export async function bothSee(one: Page, other: Page): Promise<void> {
  const [here, there] = await Promise.all([emojiOn(one), emojiOn(other)]);
  expect(here).toEqual(there);
}

/** What the page behind the lock says; it is closed again. */
export async function behindTheLock(page: Page, look: (dialog: Locator) => Promise<void>): Promise<void> {
  await button(page, "End-to-end encrypted").click();
  const dialog = page.getByRole("dialog", { name: "End-to-end encrypted" });
  await look(dialog);
  await dialog.getByRole("button", { name: "Close" }).click();
}

/** Asks for a comparison from the page behind the lock. */
export async function askToCompare(page: Page, name: string): Promise<void> {
  await button(page, "End-to-end encrypted").click();
  await page.getByRole("button", { name: `Compare emoji with ${name}` }).click();
  await expect(comparison(page)).toContainText(`Waiting for`);
}

/** The whole comparison of two people in their chat, from `one`'s side. */
export async function verify(one: Page, other: Page, name: string): Promise<void> {
  await askToCompare(one, name);
  await offer(other).getByRole("button", { name: "Compare emoji" }).click();
  await bothSee(one, other);
  for (const page of [one, other]) await button(page, "They match").click();
  for (const page of [one, other]) {
    await expect(comparison(page)).toContainText("is verified");
    await comparison(page).getByRole("button", { name: "Close" }).click();
  }
}
