// What somebody sends to harm another's page is inert: it runs nothing, loads nothing, makes no element of its own, and
// the page goes on.
import { type Page, expect, test } from "@playwright/test";

import { pickFiles } from "./support/files.ts";
import { FILES, FORMATTED, NAMES, RUNNING_PAGE, TEXTS } from "./support/hostile.ts";
import { type Pair, ask, meetInOneChat, roomOf, tell } from "./support/pair.ts";
import { composer, messages } from "./support/steps.ts";

let pair: Pair;
let alicePage: Page;
let bobPage: Page;
let asked: string[];
/** Dialogs, windows and pages that nobody asked for. */
let surprises: string[];
/** How many messages have passed behind something hostile. */
let passed = 0;

test.beforeAll(async () => {
  pair = await meetInOneChat();
  ({ alicePage, bobPage } = pair);
  asked = [];
  surprises = [];
  for (const page of [alicePage, bobPage]) {
    page.on("request", (request) => asked.push(request.url()));
    page.on("dialog", (dialog) => void surprises.push(dialog.message()));
    page.on("popup", (popup) => void surprises.push(popup.url()));
    page.on("framenavigated", (frame) => void surprises.push(frame.url()));
  }
});

test.afterAll(async () => {
  await pair?.leave();
});

/** What nobody's message makes in the log. */
const FOREIGN = ["script", "iframe", "object", "embed", "style", "form", "base", "meta", "link", "svg svg", "[onclick]", "[onerror]", "[style*=fixed]"];

/** What of somebody's message does more in a page than stand there. */
const effects = (page: Page) =>
  page.evaluate((foreign) => {
    const log = document.getElementById("log");
    const links = [...(log?.querySelectorAll("a") ?? [])].map((link) => link.getAttribute("href") ?? "");
    return {
      ran: (window as unknown as Record<string, unknown>)["ran"] ?? null,
      elements: foreign.filter((element) => log?.querySelector(element)),
      links: links.filter((link) => !/^https?:\/\//.test(link)),
      logs: document.querySelectorAll("#log").length,
      tooWide: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    };
  }, FOREIGN);

/** Both pages are as they were, and go on: a message passes. */
async function isInert(what: string): Promise<void> {
  passed += 1;
  await tell(bobPage, alicePage, `${passed} after ${what}`);
  for (const page of [alicePage, bobPage]) {
    expect(await effects(page), what).toEqual({ ran: null, elements: [], links: [], logs: 1, tooWide: 0 });
  }
  expect(asked.filter((url) => url.includes("evil.example")), what).toEqual([]);
  expect(surprises, what).toEqual([]);
}

test("texts are inert", async () => {
  for (const [what, text] of Object.entries(TEXTS)) {
    await composer(bobPage).fill(text);
    await composer(bobPage).press("Enter");
    await isInert(what);
  }
});

test("what no event has room for is said to be too long, and what is said next passes", async () => {
  await composer(bobPage).fill('"'.repeat(30_000));
  await composer(bobPage).press("Enter");
  const unsent = bobPage.getByRole("list", { name: "Not sent yet" });
  await expect(unsent.getByRole("alert")).toContainText("too long");
  await isInert("what is too long");
  await unsent.getByRole("button", { name: "Delete" }).click();
  await expect(unsent).toHaveCount(0);
});

test("what other clients format is inert", async () => {
  const room = await roomOf(alicePage);
  for (const [what, html] of Object.entries(FORMATTED)) {
    const content = { msgtype: "m.text", body: `plain ${what}`, format: "org.matrix.custom.html", formatted_body: html.slice(0, 60_000) };
    await ask(pair.server, bobPage, "PUT", `rooms/${room}/send/m.room.message/${encodeURIComponent(what)}`, content);
  }
  await isInert("what others format");
});

test("names are inert", async () => {
  const profile = `profile/${encodeURIComponent("@bob:hearth.test")}/displayname`;
  for (const [what, name] of Object.entries(NAMES)) {
    await ask(pair.server, bobPage, "PUT", profile, { displayname: name });
    await isInert(what);
  }
  await ask(pair.server, bobPage, "PUT", profile, { displayname: "Bob" });
});

/** Sends a page under another name; what claims to be a picture and is none has to be asked for once more. */
async function sendAsItIs(name: string, mimeType: string): Promise<void> {
  await pickFiles(bobPage, [{ name, mimeType, buffer: Buffer.from(RUNNING_PAGE) }]);
  await expect(bobPage.getByRole("list", { name: "Files to send" }).getByRole("listitem")).toHaveCount(1);
  await bobPage.getByRole("button", { name: "Send", exact: true }).click();
  const going = bobPage.getByRole("list", { name: "Files being sent" });
  if (mimeType === "image/png") await going.getByRole("button", { name: "Send it as it is" }).click();
  await expect(going).toHaveCount(0);
}

test("files are inert, whatever they are called and claim to be", async () => {
  for (const [name, mimeType] of FILES) {
    const shown = messages(alicePage).getByRole("group", { name: /^(File|Picture|Audio|Video) / });
    const before = await shown.count();
    await sendAsItIs(name, mimeType);
    await expect(shown, name).toHaveCount(before + 1);
    await isInert(name.slice(0, 40));
  }
});
