// How messages are read: which are to be trusted, which were seen, and what stays in place while more arrive.
import { type Page, expect, test } from "@playwright/test";

import { type Pair, article, ask, meetInOneChat, roomOf, tell, tool } from "./support/pair.ts";
import { Profile } from "./support/profile.ts";
import { composer, logIn, messages, openListedChat, say } from "./support/steps.ts";

const history = (page: Page) => page.getByRole("region", { name: "Message history" });

/** What is on the screen of the log, by text, and how far from its top in pixels. */
async function places(page: Page): Promise<Record<string, number>> {
  return history(page).evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    const shown: Record<string, number> = {};
    for (const text of log.querySelectorAll(".message-text")) {
      const at = text.getBoundingClientRect();
      if (at.bottom > top && at.top < bottom) shown[text.textContent ?? ""] = Math.round(at.top - top);
    }
    return shown;
  });
}

const onScreen = async (page: Page): Promise<string[]> => Object.keys(await places(page));

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

test("what is not encrypted stands in a block of its own", async () => {
  const room = await roomOf(alicePage);
  await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/t1`, { msgtype: "m.text", body: "Send me your savings" });
  await expect(article(alicePage, "Send me your savings").getByRole("note")).toContainText(/Not encrypted\. .Bob. may not have written this/);
  await expect(alicePage.getByRole("list", { name: "Chats" })).toContainText("Not encrypted.");
  await tell(bobPage, alicePage, "That was not me");
  await expect(article(alicePage, "That was not me").getByRole("note")).toHaveCount(0);
});

test("a kind of message that nobody knows shows what its sender says in its place", async () => {
  const room = await roomOf(alicePage);
  await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/t2`, { msgtype: "org.example.hug", body: "A hug" });
  await expect(messages(alicePage).getByText("A hug")).toBeVisible();
});

test("what other clients format stands out, and nothing of it runs or loads", async () => {
  const room = await roomOf(alicePage);
  let count = 0;
  const send = (body: string, formatted: string) =>
    ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/f${count++}`, {
      msgtype: "m.text",
      body,
      format: "org.matrix.custom.html",
      formatted_body: formatted,
    });
  await send(
    "plain 1",
    '<mx-reply>gone</mx-reply><p>first <strong>strong <em>both</em></strong></p><ul><li>one</li></ul><pre><code>x &lt; y</code></pre>' +
      '<a href="https://evil.example/">https://bank.example</a> <span data-mx-spoiler>the end</span>',
  );
  const row = article(alicePage, "first strong both");
  await expect(row.locator("strong em")).toHaveText("both");
  await expect(row.getByRole("listitem")).toHaveText("one");
  await expect(row.locator("pre")).toHaveText("x < y");
  await expect(row.getByRole("link")).toHaveText("https://bank.example (https://evil.example/)");
  await expect(row).not.toContainText("gone");
  const spoiler = row.getByTitle("Hidden: press to show");
  const colour = () => spoiler.evaluate((element) => getComputedStyle(element).color);
  expect(await colour()).toBe("rgba(0, 0, 0, 0)");
  await spoiler.click();
  await expect.poll(colour).not.toBe("rgba(0, 0, 0, 0)");

  const asked: string[] = [];
  alicePage.on("request", (request) => asked.push(request.url()));
  const hostile = [
    "<script>window.ran = 1</script>",
    '<img src="https://evil.example/a.png" onerror="window.ran = 1" alt="a cat">',
    '<svg onload="window.ran = 1"><script>window.ran = 1</script></svg>',
    '<iframe src="javascript:window.ran = 1"></iframe><style>body { display: none }</style>',
    '<a href="javascript:window.ran = 1">press me</a><form action="https://evil.example"><input name="q"></form>',
    "<blockquote>".repeat(10_000) + "deep",
    "<b>".repeat(10_000) + "bold",
  ];
  for (const html of hostile) await send("plain", `${html}<p>after ${count}</p>`.slice(0, 60_000));
  const last = "it is over";
  await send(last, last);
  await expect(messages(alicePage).getByText(last)).toBeVisible();
  await expect(messages(alicePage).getByText("a cat")).toBeVisible();
  await expect(messages(alicePage).getByText("press me")).toBeVisible();
  await expect(messages(alicePage).getByRole("link", { name: "press me" })).toHaveCount(0);
  for (const element of ["script", "iframe", "style", "form", "img", "svg svg"]) {
    await expect(messages(alicePage).locator(element), element).toHaveCount(0);
  }
  expect(await alicePage.evaluate(() => (window as unknown as Record<string, unknown>)["ran"])).toBeUndefined();
  expect(asked.filter((url) => url.includes("evil.example"))).toEqual([]);
});

test("days are named anew after midnight", async () => {
  await tell(alicePage, bobPage, "Good night");
  await expect(messages(bobPage).getByRole("separator", { name: "Today" })).toHaveCount(1);
  await bobPage.evaluate(() => {
    const day = 86_400_000;
    const real = Date.now;
    Date.now = () => real() + day;
    const RealDate = Date;
    // The page asks the clock both ways.
    const shifted = function (this: unknown, ...args: number[]) {
      return args.length === 0 ? new RealDate(real() + day) : new RealDate(...(args as [number]));
    };
    shifted.now = Date.now;
    shifted.prototype = RealDate.prototype;
    (globalThis as unknown as { Date: unknown }).Date = shifted;
  });
  await expect(messages(bobPage).getByRole("separator", { name: "Yesterday" })).toHaveCount(1);
  await expect(bobPage.getByRole("list", { name: "Chats" })).toContainText("Yesterday");
  await bobPage.reload();
  await openListedChat(bobPage, "Alice");
});

test("only what was on the screen is seen", async () => {
  for (let at = 0; at < 40; at += 1) await say(bobPage, `Line ${at}`);
  await expect(messages(alicePage).getByText("Line 39", { exact: true })).toBeVisible();
  await alicePage.bringToFront();
  await composer(alicePage).focus();
  const last = (text: string) => messages(bobPage).getByText(text, { exact: true });
  await expect(last("Seen")).toBeVisible();
  await history(alicePage).evaluate((log) => log.scrollTo(0, -600));
  await expect(alicePage.getByRole("button", { name: "Jump to latest" })).toBeVisible();
  await say(bobPage, "You can’t see this");
  await expect(last("Sent")).toBeVisible();
  await expect(alicePage.getByRole("list", { name: "Chats" }).getByText("1 unread message")).toBeAttached();
  await alicePage.waitForTimeout(1_500);
  await expect(last("Seen")).toHaveCount(0);
  await alicePage.getByRole("button", { name: "Jump to latest" }).click();
  await expect(last("Seen")).toBeVisible();
});

test("a chat with news opens where they begin", async () => {
  await alicePage.getByRole("button", { name: "Settings" }).click();
  for (let at = 0; at < 40; at += 1) await say(bobPage, `News ${at}`);
  await expect(alicePage.getByRole("list", { name: "Chats" }).getByText("40 unread messages")).toBeAttached();
  await openListedChat(alicePage, "Bob");
  await expect(alicePage.getByRole("separator", { name: "New messages" })).toBeInViewport();
  await expect(messages(alicePage).getByText("News 0", { exact: true })).toBeInViewport();
  await expect(messages(bobPage).getByText("Seen", { exact: true })).toHaveCount(0);
  await alicePage.getByRole("button", { name: "Jump to latest" }).click();
  await expect(messages(bobPage).getByText("Seen", { exact: true })).toBeVisible();
});

test("what could not be sent is kept, whatever was begun meanwhile", async () => {
  const { room_id: room } = await ask(pair.server, alicePage, "POST", "createRoom", { name: "In the open", preset: "private_chat" });
  expect(room).toBeTruthy();
  await alicePage.getByRole("list", { name: "Chats" }).getByRole("button", { name: "In the open" }).click();
  await expect(alicePage.getByRole("button", { name: "Not encrypted" })).toBeVisible();
  await composer(alicePage).fill("Into the open");
  await composer(alicePage).press("Enter");
  await composer(alicePage).fill("Another, begun");
  const unsent = alicePage.getByRole("list", { name: "Not sent yet" });
  await expect(unsent).toContainText("Into the open");
  await expect(unsent.getByRole("alert")).toContainText("Not sent.");
  await expect(composer(alicePage)).toHaveValue("Another, begun");
  await unsent.getByRole("button", { name: "Delete" }).click();
  await expect(unsent).toHaveCount(0);
  await openListedChat(alicePage, "Bob");
});

test("news that begin further up than a sync tells are found, and what is fetched rebuilds no row", async () => {
  // So much is written while she is away that only the newest comes by itself.
  const room = await roomOf(alicePage);
  await pair.alice.close();
  for (let at = 0; at < 80; at += 1) {
    await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/away${at}`, { msgtype: "m.text", body: `Away ${at}` });
  }
  alicePage = await pair.alice.open(pair.server.url);
  await expect(alicePage.getByRole("list", { name: "Chats" }).getByText("80 unread messages")).toBeAttached();
  await openListedChat(alicePage, "Bob");
  await expect(alicePage.getByRole("separator", { name: "New messages" })).toBeInViewport();
  await expect(messages(alicePage).getByText("Away 0", { exact: true })).toBeInViewport();
  const marked = await messages(alicePage).getByRole("article").evaluateAll((all) => {
    for (const one of all) (one as HTMLElement).dataset.mark = "kept";
    return all.map((one) => one.id);
  });
  const oldest = messages(alicePage).getByText("Line 0", { exact: true });
  await expect(async () => {
    await history(alicePage).evaluate((log) => log.scrollBy(0, -log.clientHeight));
    await expect(oldest).toBeInViewport({ timeout: 100 });
  }).toPass();
  // Whatever came meanwhile, those that were there are the same elements.
  const anew = await messages(alicePage).locator("article:not([data-mark])").evaluateAll((all) => all.map((one) => one.id));
  expect(anew.filter((id) => marked.includes(id))).toEqual([]);
});

test("of a long chat only what is near the screen is on the page, and nothing there moves", async () => {
  const room = await roomOf(alicePage);
  for (let at = 0; at < 400; at += 1) {
    await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/long${at}`, { msgtype: "m.text", body: `Long ${at}` });
  }
  const jump = alicePage.getByRole("button", { name: "Jump to latest" });
  await jump.or(messages(alicePage).getByText("Long 399", { exact: true })).first().click();
  await expect(messages(alicePage).getByText("Long 399", { exact: true })).toBeInViewport();
  const seen = new Set<string>();
  const most = await (async () => {
    let count = 0;
    while (!seen.has("Long 0")) {
      for (const text of await onScreen(alicePage)) seen.add(text);
      count = Math.max(count, await messages(alicePage).getByRole("article").count());
      await history(alicePage).evaluate((log) => log.scrollBy(0, -log.clientHeight / 2));
      await alicePage.waitForTimeout(30);
    }
    return count;
  })();
  for (let at = 0; at < 400; at += 1) expect(seen, `Long ${at}`).toContain(`Long ${at}`);
  expect(most).toBeLessThanOrEqual(240);
  // Far from the end nothing that arrives, is typed or is read moves what is on the screen.
  const before = await places(alicePage);
  await say(bobPage, "Far below");
  await composer(bobPage).fill("Something else");
  await alicePage.waitForTimeout(1_000);
  expect(await places(alicePage)).toEqual(before);
  await composer(bobPage).fill("");
  // All the way down again.
  await expect(async () => {
    await history(alicePage).evaluate((log) => log.scrollBy(0, log.clientHeight));
    await expect(messages(alicePage).getByText("Far below", { exact: true })).toBeInViewport({ timeout: 50 });
  }).toPass({ timeout: 60_000 });
  await expect(jump).toHaveCount(0);
  await expect(messages(bobPage).getByText("Seen", { exact: true })).toBeVisible();
});

test("an answered message far up is gone to, and one's own message brings the end back", async () => {
  await messages(alicePage).getByRole("article").last().waitFor();
  await expect(async () => {
    await history(alicePage).evaluate((log) => log.scrollBy(0, -log.clientHeight));
    await expect(messages(alicePage).getByText("Long 100", { exact: true })).toBeInViewport({ timeout: 50 });
  }).toPass({ timeout: 60_000 });
  await tool(alicePage, "Long 100", "Reply");
  await say(alicePage, "To the hundredth");
  await expect(messages(alicePage).getByText("To the hundredth", { exact: true })).toBeInViewport();
  await article(alicePage, "To the hundredth").getByRole("button", { name: "In reply to" }).click();
  await expect(messages(alicePage).getByText("Long 100", { exact: true })).toBeInViewport();
  await alicePage.getByRole("button", { name: "Jump to latest" }).click();
  await expect(messages(alicePage).getByText("To the hundredth", { exact: true })).toBeInViewport();
});

test("a new device says of locked messages what helps, and the list does not call the chat empty", async () => {
  const second = await Profile.create();
  try {
    const page = await second.open(pair.server.url);
    await logIn(page, "alice");
    const chat = page.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Bob" });
    await expect(chat).toContainText("Waiting for this message");
    await expect(chat).not.toContainText("No messages yet");
    await chat.click();
    await expect(messages(page).getByText("Your recovery key or another device unlocks it.").first()).toBeVisible();
    await messages(page).getByRole("button", { name: "Enter recovery key" }).first().click();
    await expect(page.getByRole("heading", { name: "Recovery key" })).toBeVisible();
  } finally {
    await second.remove();
  }
});
