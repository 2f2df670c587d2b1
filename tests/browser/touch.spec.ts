// A phone: fingers, no mouse, no keyboard but the one on the screen.
import { type Page, expect, test } from "@playwright/test";

import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, composer, messages, openChatWith, passRecoveryKey, say, signUp } from "./support/steps.ts";

const ROOM_PX = 44;

let server: Server;
let phone: Profile;
let other: Profile;

test.beforeAll(async () => {
  server = await startServer();
  phone = await Profile.create({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });
  other = await Profile.create();
});

test.afterAll(async () => {
  await phone?.remove();
  await other?.remove();
  await server?.stop();
});

/** Everything that can be pressed and is smaller than a finger; links in a text are as high as its lines. */
async function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate((room) => {
    const inText = (one: Element) => one.closest("p, label, .link, .message-text, .notice, li > .link") !== null;
    return [...document.querySelectorAll("button, input, textarea, select, a, summary, [role=button]")]
      .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !inText(one))
      .map((one) => ({ one, box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && (box.width < room - 0.5 || box.height < room - 0.5))
      .map(({ one, box }) => `${one.getAttribute("aria-label") ?? one.textContent ?? one.id}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
  }, ROOM_PX);
}

/** Fields for which iOS enlarges the page. */
async function smallFields(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("input, textarea, select")]
      .filter((one) => one.checkVisibility() && Number.parseFloat(getComputedStyle(one).fontSize) < 16)
      .map((one) => one.getAttribute("aria-label") ?? one.id),
  );
}

async function fits(page: Page, screen: string): Promise<void> {
  expect(await tooSmall(page), screen).toEqual([]);
  expect(await smallFields(page), screen).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), screen).toBeLessThanOrEqual(0);
}

test("what is pressed has room for a finger, and Enter on a phone begins a new line", async () => {
  const page = await phone.open(server.url);
  const otherPage = await other.open(server.url);
  await signUp(otherPage, "bob", "Bob");
  await passRecoveryKey(otherPage);

  await programIsThere(page);
  await fits(page, "log in");
  await page.getByRole("button", { name: "Create an account" }).click();
  await expect(page.getByRole("textbox", { name: "Email" })).toBeVisible();
  await fits(page, "sign up");
  await page.goto(server.url);
  await signUp(page, "alice", "Alice");
  await fits(page, "recovery key");
  await passRecoveryKey(page);
  await fits(page, "no chats");
  await openChatWith(page, "bob", "Bob");
  await acceptRequest(otherPage, "Alice");
  await fits(page, "chat");

  await expect(composer(page)).toHaveAttribute("enterkeyhint", "enter");
  await composer(page).pressSequentially("One");
  await composer(page).press("Enter");
  await composer(page).pressSequentially("Two");
  await expect(composer(page)).toHaveValue("One\nTwo");
  await page.getByRole("button", { name: "Send", exact: true }).tap();
  await expect(messages(otherPage).getByText("One")).toBeVisible();
  await expect(composer(otherPage)).toHaveAttribute("enterkeyhint", "send");
  await say(otherPage, "Back");
  await messages(page).getByText("Back", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Emoji", exact: true }).tap();
  await expect(page.getByRole("dialog", { name: "Choose an emoji" })).toBeVisible();
  await fits(page, "emoji");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Chat options" }).tap();
  await expect(page.getByRole("menu", { name: "Chat options" })).toBeVisible();
  await fits(page, "chat options");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Back to chats" }).tap();
  await fits(page, "chats");
  await page.getByRole("button", { name: "Settings" }).tap();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await fits(page, "settings");
});
