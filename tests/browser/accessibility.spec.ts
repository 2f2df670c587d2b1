// Every screen, in both themes, wide and narrow, against axe's rules: no violations at all.
import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { holdBack } from "./support/gate.ts";
import { Profile } from "./support/profile.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, messages, openChatWith, passRecoveryKey, requests, say, signUp } from "./support/steps.ts";

let server: Server;

test.beforeAll(async () => {
  server = await startServer();
});

test.afterAll(async () => {
  await server.stop();
});

/** Everything that opens over a chat with somebody of this name. */
async function checkDialogs(page: Page, name: string): Promise<void> {
  const opened = async (screen: string | RegExp): Promise<void> => {
    const dialog = page.getByRole("dialog", { name: screen });
    await expect(dialog).toBeVisible();
    await checkBothThemes(page, String(screen));
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  };
  await page.getByRole("button", { name: "Emoji", exact: true }).click();
  await opened("Choose an emoji");
  for (const [item, dialog] of [["More emoji", "Choose an emoji"], ["Delete", "Delete this message?"]] as const) {
    await messages(page).getByRole("article").last().hover();
    await messages(page).getByRole("button", { name: "Message actions" }).click();
    await page.getByRole("menuitem", { name: item }).click();
    await opened(dialog);
  }
  const options = page.getByRole("button", { name: "Chat options" });
  await options.click();
  await expect(page.getByRole("menu", { name: "Chat options" })).toBeVisible();
  await checkBothThemes(page, "chat options");
  await page.keyboard.press("Escape");
  for (const [item, dialog] of [["Block", `Block ${name}?`], ["Report", `Report ${name}?`], ["Leave chat", "Leave this chat?"]] as const) {
    await options.click();
    await page.getByRole("menuitem", { name: item }).click();
    await opened(dialog);
  }
}

for (const [layout, width] of [["wide", 1280], ["narrow", 360]] as const) {
  test(`every screen passes axe, ${layout}`, async () => {
    const profile = await Profile.create({ viewport: { width, height: 800 } });
    try {
      const page = await profile.open("about:blank");
      const me = `dora-${layout}`;
      const other = `emil-${layout}`;
      const loadNow = await holdBack(page, "**/*.wasm");
      await page.goto(server.url);
      await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
      await checkBothThemes(page, "log in before the program");
      loadNow();
      await programIsThere(page);
      await expect(page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
      await checkBothThemes(page, "log in");
      await page.getByRole("textbox", { name: "Username or email" }).fill("nobody-at-all");
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Log in", exact: true }).click();
      await expect(page.getByRole("alert")).toContainText("don’t match");
      await checkBothThemes(page, "log in refused");

      await page.getByRole("button", { name: "Create an account" }).click();
      await page.getByRole("button", { name: "Sign up" }).click();
      await expect(page.getByRole("alert").first()).toBeVisible();
      await checkBothThemes(page, "sign up with errors");
      await page.getByRole("button", { name: "Log in instead" }).click();
      await signUp(page, me);
      await expect(page.getByRole("textbox", { name: "Recovery key" })).toBeVisible();
      await checkBothThemes(page, "recovery key");
      await passRecoveryKey(page);
      await expect(page.getByText("No chats yet.")).toBeVisible();
      await checkBothThemes(page, "no chats");

      const person = await Profile.create({ viewport: { width, height: 800 } });
      try {
        const theirs = await person.open(server.url);
        await signUp(theirs, other);
        await passRecoveryKey(theirs);
        await page.getByRole("searchbox", { name: "Find chats and people" }).fill("nobody-by-this-name");
        await expect(page.getByText("Nobody found.")).toBeVisible();
        await checkBothThemes(page, "nobody found");
        await page.getByRole("searchbox", { name: "Find chats and people" }).fill(other);
        await expect(page.getByRole("list", { name: "People" })).toBeVisible();
        await checkBothThemes(page, "people found");
        await openChatWith(page, other);
        await say(page, "Hello! See https://example.org for more.");
        await expect(messages(page).getByRole("link")).toBeVisible();
        await checkBothThemes(page, "conversation");
        await messages(page).getByRole("article").last().hover();
        await messages(page).getByRole("button", { name: "React with thumbs up" }).click();
        await expect(messages(page).getByRole("button", { name: "👍 1: You" })).toBeVisible();
        await checkBothThemes(page, "message with tools");
        await messages(page).getByRole("button", { name: "Message actions" }).click();
        await checkBothThemes(page, "menu of a message");
        await page.getByRole("menuitem", { name: "Reply" }).click();
        await checkBothThemes(page, "replying");
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "End-to-end encrypted" }).click();
        await checkBothThemes(page, "the lock");
        await page.getByRole("button", { name: "Close" }).click();
        await checkDialogs(page, other);
        await requests(theirs).filter({ hasText: me }).click();
        await expect(theirs.getByRole("button", { name: "Accept", exact: true })).toBeVisible();
        await checkBothThemes(theirs, "a request");
      } finally {
        await person.remove();
      }

      if (layout === "narrow") await page.getByRole("button", { name: "Back to chats" }).click();
      await expect(page.getByRole("list", { name: "Chats" })).toBeVisible();
      await checkBothThemes(page, "chats");
      await page.getByRole("button", { name: "Settings" }).click();
      await expect(page.getByRole("list", { name: "Devices" })).toBeVisible();
      await checkBothThemes(page, "settings");
      await page.getByRole("button", { name: "Log out" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await checkBothThemes(page, "log out?");
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Save it" }).first().click();
      await expect(page.getByRole("heading", { name: "Recovery key" })).toBeVisible();
      await checkBothThemes(page, "recovery key later");
    } finally {
      await profile.remove();
    }
  });
}
