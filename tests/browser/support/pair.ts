// Alice and Bob with a chat between them, and what they do with messages by role and accessible name.
import { type Locator, type Page, expect } from "@playwright/test";

import { Profile } from "./profile.ts";
import { type Server, startServer } from "./server.ts";
import { acceptRequest, messages, openChatWith, passRecoveryKey, say, signUp } from "./steps.ts";

export interface Pair {
  server: Server;
  alice: Profile;
  bob: Profile;
  alicePage: Page;
  bobPage: Page;
  /** Bob's recovery key. */
  bobKey: string;
  leave(): Promise<void>;
}

/** Both sign up and have their chat open. The server takes what is not encrypted, so that tests can play one that lies. */
export async function meetInOneChat(settings: Record<string, string> = {}): Promise<Pair> {
  const server = await startServer({ settings: { HEARTH_REQUIRE_ENCRYPTION: "false", ...settings } });
  const alice = await Profile.create();
  const bob = await Profile.create();
  const alicePage = await alice.open(server.url);
  const bobPage = await bob.open(server.url);
  await signUp(alicePage, "alice", "Alice");
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(alicePage);
  const bobKey = await passRecoveryKey(bobPage);
  await openChatWith(alicePage, "bob", "Bob");
  await acceptRequest(bobPage, "Alice");
  const leave = async (): Promise<void> => {
    await alice.remove();
    await bob.remove();
    await server.stop();
  };
  return { server, alice, bob, alicePage, bobPage, bobKey, leave };
}

export function article(page: Page, text: string): Locator {
  return messages(page).getByRole("article").filter({ hasText: text }).last();
}

export async function tool(page: Page, text: string, name: string): Promise<void> {
  await article(page, text).hover();
  await article(page, text).getByRole("button", { name, exact: true }).click();
}

export async function pick(page: Page, text: string, item: string): Promise<void> {
  await tool(page, text, "Message actions");
  await page.getByRole("menu", { name: "Message actions" }).getByRole("menuitem", { name: item }).click();
}

export async function tell(from: Page, to: Page, text: string): Promise<void> {
  await say(from, text);
  await expect(messages(to).getByText(text, { exact: true })).toBeVisible();
}

/** A request with the token of whoever is logged in on this page, as a server could make it up. */
export async function ask(server: Server, page: Page, method: string, path: string, body?: object): Promise<Record<string, string>> {
  const session = await page.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}"));
  const answer = await fetch(`${server.url}/_matrix/client/v3/${path}`, {
    method,
    headers: { Authorization: `Bearer ${session.access_token}` },
    body: body && JSON.stringify(body),
  });
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as Record<string, string>;
}

export async function roomOf(page: Page): Promise<string> {
  const view = await page.evaluate(() => {
    const views = JSON.parse(sessionStorage.getItem("hearth.views") ?? "[]") as [number, string][];
    return views.find(([number]) => number === history.state)?.[1] ?? "";
  });
  return encodeURIComponent(view.replace(/^chat:/, ""));
}
