// What a person does in the client, by role and accessible name (listed in web-client/README.md).
import { type Locator, type Page, expect } from "@playwright/test";

import { programIsThere, workerIsThere } from "./rest.ts";

export const PASSWORD = "correct horse battery staple";

export async function signUp(page: Page, username: string, displayName = ""): Promise<void> {
  await programIsThere(page);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill(`${username}@example.org`);
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue(username);
  await page.getByRole("textbox", { name: "Display name" }).fill(displayName);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByRole("heading", { name: "Save your recovery key" })).toBeVisible();
}

/** Reads the recovery key, saves it if asked to, and goes on to the chats. */
export async function passRecoveryKey(page: Page, save = false): Promise<string> {
  const key = page.getByRole("textbox", { name: "Recovery key" });
  await expect(key).toHaveText(/\w{4}/);
  const text = await key.innerText();
  if (save) {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    await saved;
    await page.getByRole("button", { name: "Continue" }).click();
  } else {
    await page.getByRole("button", { name: "Skip for now" }).click();
  }
  await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  await workerIsThere(page);
  return text;
}

export async function logIn(page: Page, identifier: string): Promise<void> {
  await programIsThere(page);
  await page.getByRole("textbox", { name: "Username or email" }).fill(identifier);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  await workerIsThere(page);
}

/** Finds somebody by username and opens the chat with them; `name` is what they call themselves. */
export async function openChatWith(page: Page, username: string, name = username): Promise<void> {
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill(username);
  await page.getByRole("list", { name: /^(Chats|People)$/ }).getByRole("button", { name }).first().click();
  await expect(composer(page)).toBeVisible();
}

/** The people who ask to talk. */
export function requests(page: Page): Locator {
  return page.getByRole("list", { name: "Requests" }).getByRole("button");
}

/** Accepts the chat that somebody asks for, which opens it; `name` is what they call themselves. */
export async function acceptRequest(page: Page, name: string): Promise<void> {
  await requests(page).filter({ hasText: name }).click();
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await expect(composer(page)).toBeVisible();
}

/** Opens a chat that is in the list already. */
export async function openListedChat(page: Page, name: string): Promise<void> {
  await page.getByRole("list", { name: "Chats" }).getByRole("button", { name }).click();
  await expect(composer(page)).toBeVisible();
}

export function composer(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message" });
}

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
  await expect(messages(page).getByText(text, { exact: true })).toBeVisible();
}

export function messages(page: Page): Locator {
  return page.getByRole("log", { name: "Messages" });
}

/**
 * The texts of the messages, oldest first, painted or not: a row that is not on the screen, or not yet, is skipped by the
 * browser (`content-visibility`), and has no inner text then.
 */
export async function texts(page: Page): Promise<string[]> {
  return messages(page).locator(".message-text").allTextContents();
}

export async function logOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
}
