// What people do with messages: answer, change, react, delete, by mouse, keyboard and touch.
import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { type Pair, article, ask, meetInOneChat, pick, roomOf, tell, tool } from "./support/pair.ts";
import { composer, messages, say } from "./support/steps.ts";

/** Where the page hands in what it sends. */
const SEND = "**/send/m.room.encrypted/**";

let pair: Pair;
let alicePage: Page;
let bobPage: Page;

test.beforeAll(async () => {
  pair = await meetInOneChat();
  ({ alicePage, bobPage } = pair);
});

test.afterAll(async () => {
  await pair?.leave();
});

async function callBob(name: string): Promise<void> {
  const id = await bobPage.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}").user_id as string);
  await ask(pair.server, bobPage, "PUT", `profile/${encodeURIComponent(id)}/displayname`, { displayname: name });
}

test("ordinary messages carry no warning, and the lock says what is the case", async () => {
  await tell(alicePage, bobPage, "Is the kettle on?");
  await tell(bobPage, alicePage, "It is.");
  for (const page of [alicePage, bobPage]) {
    await expect(messages(page).getByRole("note")).toHaveCount(0);
    await page.getByRole("button", { name: "End-to-end encrypted" }).click();
    const dialog = page.getByRole("dialog", { name: "End-to-end encrypted" });
    await expect(dialog).toContainText("Only the two of you can read what you write here.");
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(dialog).toBeHidden();
  }
});

test("an answer shows what it answers, and leads there", async () => {
  await tell(alicePage, bobPage, "Tea or coffee?");
  await tool(bobPage, "Tea or coffee?", "Reply");
  await expect(bobPage.getByRole("group", { name: "Replying" })).toContainText("Replying to Alice: Tea or coffee?");
  await expect(composer(bobPage)).toBeFocused();
  await bobPage.keyboard.press("Escape");
  await expect(bobPage.getByRole("group", { name: "Replying" })).toHaveCount(0);

  await pick(bobPage, "Tea or coffee?", "Reply");
  await tell(bobPage, alicePage, "Tea, please.");
  await expect(bobPage.getByRole("group", { name: "Replying" })).toHaveCount(0);
  for (const page of [alicePage, bobPage]) {
    const quote = article(page, "Tea, please.").getByRole("button", { name: "In reply to" });
    await expect(quote).toContainText("Alice");
    await expect(quote).toContainText("Tea or coffee?");
    await quote.click();
    await expect(messages(page).getByRole("article").filter({ hasText: "Tea or coffee?" }).first()).toBeFocused();
  }
});

test("one's last message is taken up with the arrow, and a draft comes back", async () => {
  await tell(alicePage, bobPage, "Bring bred");
  await composer(alicePage).press("ArrowUp");
  await expect(composer(alicePage)).toHaveValue("Bring bred");
  await expect(alicePage.getByRole("group", { name: "Editing" })).toBeVisible();
  await composer(alicePage).press("Escape");
  await expect(composer(alicePage)).toHaveValue("");

  await composer(alicePage).fill("And bu");
  await pick(alicePage, "Bring bred", "Edit");
  await composer(alicePage).fill("Bring bread");
  await composer(alicePage).press("Enter");
  await expect(composer(alicePage)).toHaveValue("And bu");
  for (const page of [alicePage, bobPage]) {
    await expect(article(page, "Bring bread")).toContainText("(edited)");
    await expect(messages(page).getByText("Bring bred")).toHaveCount(0);
  }
  await composer(alicePage).fill("");
});

test("a change that the server does not take says so, and is sent again or undone", async () => {
  await tell(alicePage, bobPage, "The train leaves at nine");
  const change = async (from: string, to: string): Promise<void> => {
    await alicePage.route(SEND, (route) => route.fulfill({ status: 403, json: { errcode: "M_FORBIDDEN", error: "No" } }));
    await pick(alicePage, from, "Edit");
    await composer(alicePage).fill(to);
    await composer(alicePage).press("Enter");
    await expect(article(alicePage, to).getByRole("alert")).toContainText("Your change was not sent.");
    await alicePage.unroute(SEND);
  };
  await change("The train leaves at nine", "The train leaves at ten");
  await tool(alicePage, "The train leaves at ten", "Message actions");
  const menu = alicePage.getByRole("menu", { name: "Message actions" });
  await expect(menu.getByRole("menuitem", { name: "Undo change" })).toBeVisible();
  await expect(menu.getByRole("menuitem", { name: "Edit" })).toHaveCount(0);
  await alicePage.keyboard.press("Escape");
  await expect(messages(bobPage).getByText("The train leaves at nine", { exact: true })).toBeVisible();
  await article(alicePage, "The train leaves at ten").getByRole("button", { name: "Try again" }).click();
  await expect(article(bobPage, "The train leaves at ten")).toContainText("(edited)");
  await expect(article(alicePage, "The train leaves at ten").getByRole("alert")).toHaveCount(0);

  await change("The train leaves at ten", "The train leaves at noon");
  await article(alicePage, "The train leaves at noon").getByRole("button", { name: "Undo change" }).click();
  await expect(messages(alicePage).getByText("The train leaves at noon")).toHaveCount(0);
  await expect(article(alicePage, "The train leaves at ten").getByRole("alert")).toHaveCount(0);
  // What is said next arrives, so that nothing is stuck before it.
  await tell(alicePage, bobPage, "Or so they say");
  await expect(messages(bobPage).getByText("The train leaves at noon")).toHaveCount(0);
});

test("what one writes is shown whole when the window becomes narrower", async () => {
  const field = composer(alicePage);
  const hidden = (): Promise<number> => field.evaluate((area) => area.scrollHeight - area.clientHeight);
  const size = alicePage.viewportSize() ?? { width: 1280, height: 720 };
  await field.fill("It takes a while to say this. ".repeat(4));
  await expect.poll(hidden).toBe(0);
  const height = await field.evaluate((area) => area.clientHeight);
  await alicePage.setViewportSize({ width: 420, height: size.height });
  await expect.poll(() => field.evaluate((area) => area.clientHeight)).toBeGreaterThan(height);
  expect(await hidden()).toBe(0);
  await alicePage.setViewportSize(size);
  await expect.poll(() => field.evaluate((area) => area.clientHeight)).toBe(height);
  await field.fill("");
});

test("reactions are counted with names, and taken back by pressing again", async () => {
  await tell(alicePage, bobPage, "The cat can open doors");
  await tool(bobPage, "The cat can open doors", "React with laughing");
  const chip = (page: Page) => article(page, "The cat can open doors").getByRole("group", { name: "Reactions" }).getByRole("button");
  await expect(chip(alicePage)).toHaveAccessibleName("😂 1: Bob");
  await chip(alicePage).click();
  await expect(chip(bobPage)).toHaveAccessibleName("😂 2: You, Alice");
  await expect(chip(bobPage)).toHaveAttribute("aria-pressed", "true");
  await chip(bobPage).click();
  await expect(chip(alicePage)).toHaveAccessibleName("😂 1: You");
  await chip(bobPage).click();
  await expect(chip(alicePage)).toHaveAccessibleName("😂 2: You, Bob");
  await callBob("Robert");
  await expect(chip(alicePage)).toHaveAccessibleName("😂 2: You, Robert");
  await callBob("Bob");
  await expect(chip(alicePage)).toHaveAccessibleName("😂 2: You, Bob");
  await chip(bobPage).click();
  await expect(chip(alicePage)).toHaveAccessibleName("😂 1: You");
  await tool(alicePage, "The cat can open doors", "Message actions");
  await alicePage.getByRole("menuitemcheckbox", { name: "React with laughing" }).click();
  await expect(chip(bobPage)).toHaveCount(0);
  await expect(chip(alicePage)).toHaveCount(0);
});

test("any emoji is found by its name, and is there at once the next time", async () => {
  await tell(alicePage, bobPage, "We have a party tomorrow");
  const picker = alicePage.getByRole("dialog", { name: "Choose an emoji" });
  await pick(alicePage, "We have a party tomorrow", "More emoji");
  await expect(picker.getByRole("tab")).toHaveCount(9);
  await picker.getByRole("tab", { name: "Nature" }).click();
  await expect(picker.getByRole("button", { name: "dog face", exact: true })).toBeVisible();
  await picker.getByRole("searchbox", { name: "Search emoji" }).fill("no such thing");
  await expect(picker).toContainText("Nothing is called that.");
  await picker.getByRole("searchbox", { name: "Search emoji" }).fill("party pop");
  await alicePage.keyboard.press("ArrowDown");
  await expect(picker.getByRole("button", { name: "party popper" })).toBeFocused();
  await alicePage.keyboard.press("Enter");
  await expect(picker).toBeHidden();
  for (const page of [alicePage, bobPage]) {
    await expect(article(page, "We have a party tomorrow").getByRole("button", { name: /^🎉 1: / })).toBeVisible();
  }

  await pick(alicePage, "We have a party tomorrow", "More emoji");
  await expect(picker.getByRole("tab")).toHaveCount(10);
  await expect(picker.getByRole("tab", { name: "Used last" })).toHaveAttribute("aria-selected", "true");
  await expect(picker.getByRole("button", { name: "party popper" })).toBeVisible();
  await alicePage.keyboard.press("Escape");
  await expect(picker).toBeHidden();
  await expect(article(alicePage, "We have a party tomorrow")).toBeFocused();
});

test("an emoji is written where the cursor stands, in the place of what is selected", async () => {
  const field = alicePage.getByRole("textbox", { name: "Message", exact: true });
  const picker = alicePage.getByRole("dialog", { name: "Choose an emoji" });
  await field.fill("See you at the XX tomorrow");
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(15, 17));
  await alicePage.getByRole("button", { name: "Emoji", exact: true }).click();
  await picker.getByRole("searchbox", { name: "Search emoji" }).fill("lotus");
  await alicePage.keyboard.press("Enter");
  await expect(picker).toBeHidden();
  await expect(field).toBeFocused();
  await expect(field).toHaveValue("See you at the 🪷 tomorrow");
  await alicePage.keyboard.type("!");
  await expect(field).toHaveValue("See you at the 🪷! tomorrow");
  await alicePage.getByRole("button", { name: "Emoji", exact: true }).click();
  await alicePage.keyboard.press("Escape");
  await expect(field).toHaveValue("See you at the 🪷! tomorrow");
  await field.press("Enter");
  await expect(messages(bobPage).getByText("See you at the 🪷! tomorrow")).toBeVisible();
});

test("a message is deleted for everybody, after a question", async () => {
  await tell(alicePage, bobPage, "I never said this");
  await pick(alicePage, "I never said this", "Delete");
  const dialog = alicePage.getByRole("dialog", { name: "Delete this message?" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(messages(alicePage).getByText("I never said this")).toBeVisible();
  await pick(alicePage, "I never said this", "Delete");
  await dialog.getByRole("button", { name: "Delete for everyone" }).click();
  for (const page of [alicePage, bobPage]) {
    await expect(messages(page).getByText("This message was deleted.")).toBeVisible();
    await expect(messages(page).getByText("I never said this")).toHaveCount(0);
    await expect(page.getByRole("list", { name: "Chats" })).toContainText("Message deleted");
  }
  const gone = article(bobPage, "This message was deleted.");
  await gone.hover();
  await expect(gone.getByRole("button")).toHaveCount(0);
});

test("one learns of a message when it was sent, who has read it, and how far to trust it", async () => {
  await tell(alicePage, bobPage, "Tea at five");
  await expect(messages(alicePage).getByText("Seen", { exact: true })).toBeVisible();
  await pick(alicePage, "Tea at five", "Info");
  const about = alicePage.getByRole("dialog", { name: "About this message" });
  const answer = (page: Page, to: string) =>
    page.getByRole("dialog").locator("dt", { hasText: new RegExp(`^${to}$`) }).locator("xpath=following-sibling::dd[1]");
  await expect(about).toContainText("Tea at five");
  await expect(answer(alicePage, "Written")).toContainText("Today, ");
  await expect(answer(alicePage, "Sent")).toContainText("The server has it.");
  await expect(answer(alicePage, "Read")).toContainText(/by .?Bob.?, Today, /);
  await expect(answer(alicePage, "From")).toContainText("Your device");
  await expect(answer(alicePage, "Encryption")).toHaveText("End-to-end encrypted.");
  await checkBothThemes(alicePage, "about a message");
  await alicePage.keyboard.press("Escape");
  await expect(about).toHaveCount(0);
  await expect(article(alicePage, "Tea at five")).toBeFocused();

  await pick(bobPage, "Tea at five", "Info");
  await expect(answer(bobPage, "From")).toContainText("A device of");
  await expect(answer(bobPage, "Encryption")).toHaveText("End-to-end encrypted.");
  await expect(answer(bobPage, "Read")).toHaveCount(0);
  await bobPage.getByRole("dialog").getByRole("button", { name: "Close" }).click();

  // What a server put there in clear says so here too.
  await ask(pair.server, bobPage, "PUT", `rooms/${await roomOf(bobPage)}/send/m.room.message/clear1`, { msgtype: "m.text", body: "In the open" });
  await pick(alicePage, "In the open", "Info");
  await expect(answer(alicePage, "Encryption")).toContainText("Not encrypted.");
  await alicePage.keyboard.press("Escape");
  await expect(about).toHaveCount(0);
});

test("the keyboard reaches every message and its menu, and the focus comes back", async () => {
  await tell(alicePage, bobPage, "First of two");
  await tell(alicePage, bobPage, "Second of two");
  await bobPage.getByRole("region", { name: "Message history" }).focus();
  await bobPage.keyboard.press("ArrowUp");
  await expect(article(bobPage, "Second of two")).toBeFocused();
  await bobPage.keyboard.press("ArrowUp");
  await expect(article(bobPage, "First of two")).toBeFocused();
  await bobPage.keyboard.press("Enter");
  const menu = bobPage.getByRole("menu", { name: "Message actions" });
  await expect(menu.getByRole("menuitemcheckbox", { name: "React with thumbs up" })).toBeFocused();
  await bobPage.keyboard.press("ArrowUp");
  await expect(menu.getByRole("menuitem", { name: "Info" })).toBeFocused();
  await bobPage.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);
  await expect(article(bobPage, "First of two")).toBeFocused();

  // What arrives takes neither the focus nor what is selected.
  await bobPage.evaluate(() => {
    const text = document.activeElement?.querySelector(".message-text");
    if (text) getSelection()?.selectAllChildren(text);
  });
  await tell(alicePage, bobPage, "A third");
  await expect(article(bobPage, "First of two")).toBeFocused();
  expect(await bobPage.evaluate(() => getSelection()?.toString())).toBe("First of two");
});

test("a finger that rests on a message opens its menu", async () => {
  await tell(alicePage, bobPage, "Press me long");
  await article(bobPage, "Press me long").dispatchEvent("pointerdown", { pointerType: "touch", bubbles: true });
  const menu = bobPage.getByRole("menu", { name: "Message actions" });
  await expect(menu).toBeVisible();
  await article(bobPage, "Press me long").dispatchEvent("pointerup", { pointerType: "touch", bubbles: true });
  await expect(menu.getByRole("menuitem", { name: "Reply" })).toBeVisible();
  await bobPage.keyboard.press("Escape");
  await expect(menu).toHaveCount(0);
});

test("a message that a finger pulls aside is answered, and one that it scrolls is not", async () => {
  await tell(alicePage, bobPage, "Pull me");
  const row = article(bobPage, "Pull me");
  // At once from one to the next: a finger that rests in between opens a menu.
  const finger = (...ways: [type: string, clientX: number, clientY: number][]) =>
    row.evaluate((one, all) => {
      for (const [type, clientX, clientY] of all) {
        one.dispatchEvent(new PointerEvent(type, { pointerType: "touch", bubbles: true, cancelable: true, composed: true, clientX, clientY }));
      }
    }, ways);
  const quoted = bobPage.getByText("Replying to");
  for (const [right, down] of [[20, 80], [40, 0], [-90, 0]] as const) {
    await finger(["pointerdown", 100, 300], ["pointermove", 100 + right, 300 + down]);
    await finger(["pointerup", 100 + right, 300 + down]);
    await expect(row).not.toHaveAttribute("data-pulled");
    await expect(quoted).toHaveCount(0);
  }
  await finger(["pointerdown", 100, 300], ["pointermove", 160, 305]);
  await expect(row).toHaveAttribute("data-pulled");
  await finger(["pointerup", 160, 305]);
  await expect(row).not.toHaveAttribute("data-pulled");
  await expect(quoted).toBeVisible();
  // The finger did not rest, so no menu opens.
  await bobPage.waitForTimeout(600);
  await expect(bobPage.getByRole("menu", { name: "Message actions" })).toHaveCount(0);
  await composer(bobPage).press("Escape");
  await expect(quoted).toHaveCount(0);
});

test("Enter that confirms a proposal of an input method sends nothing", async () => {
  await composer(alicePage).fill("にほん");
  await composer(alicePage).dispatchEvent("keydown", { key: "Enter", code: "Enter", keyCode: 229, bubbles: true, cancelable: true });
  await expect(composer(alicePage)).toHaveValue("にほん");
  await composer(alicePage).press("Enter");
  await expect(messages(bobPage).getByText("にほん", { exact: true })).toBeVisible();
});

test("text of every direction and large emoji stand as they should", async () => {
  await tell(alicePage, bobPage, "שלום עולם");
  expect(await messages(bobPage).getByText("שלום עולם").evaluate((node) => getComputedStyle(node.closest("p") ?? node).direction)).toBe("rtl");
  await tell(alicePage, bobPage, "1️⃣⏰");
  await expect(messages(bobPage).locator(".message-emoji")).toHaveText("1️⃣⏰");
  await say(alicePage, "see WWW.example.org now");
  // What is typed as Markdown is shown so, and what looks like HTML is text.
  await composer(alicePage).fill("**Bring** `<b>bread</b>`\n- and *milk*");
  await composer(alicePage).press("Enter");
  await expect(messages(bobPage).locator("strong", { hasText: "Bring" })).toBeVisible();
  await expect(messages(bobPage).locator("code", { hasText: "<b>bread</b>" })).toBeVisible();
  await expect(messages(bobPage).getByRole("listitem").filter({ hasText: "and milk" }).locator("em")).toHaveText("milk");
  await expect(messages(bobPage).getByRole("link", { name: "WWW.example.org" })).toHaveAttribute("href", "https://WWW.example.org");
});
