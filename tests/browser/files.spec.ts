// Files in chats: sent by button, paste and drop, encrypted on the way, shown or saved on the other side.
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Page, expect, test } from "@playwright/test";

import { checkBothThemes } from "./support/axe.ts";
import { PLACE, articleWith, filesOnDisk, handOver, photo, pickFiles, picture, png, recording, saved, sendFiles, shownSize } from "./support/files.ts";
import { holdBack } from "./support/gate.ts";
import { type Pair, article, ask, meetInOneChat, roomOf } from "./support/pair.ts";
import { Profile } from "./support/profile.ts";
import { composer, logIn, messages, openListedChat } from "./support/steps.ts";
import { behindTheLock, confirmByKey } from "./support/trust.ts";

const UPLOAD = "**/_matrix/media/v3/upload*";
const DOWNLOAD = "**/_matrix/client/v1/media/download/**";
const LIMIT = 420 * 1024 * 1024;
/** Large files, in mebibytes: a client or browser that holds either in memory is found out, and both must take the same. */
const LARGE = [200, 400];
/** What the page may grow by meanwhile, and with it the rest of the browser. */
const LARGE_MEMORY = 120 * 1024 * 1024;

let pair: Pair;
let alicePage: Page;
let bobPage: Page;
let folder: string;

test.beforeAll(async () => {
  pair = await meetInOneChat({ HEARTH_UPLOAD_BYTES_MAX: String(LIMIT) });
  ({ alicePage, bobPage } = pair);
  folder = await mkdtemp(join(tmpdir(), "hearth-files-"));
});

test.afterAll(async () => {
  await pair?.leave();
  await rm(folder, { recursive: true, force: true });
});

const tray = (page: Page) => page.getByRole("list", { name: "Files to send" });
const going = (page: Page) => page.getByRole("list", { name: "Files being sent" });

test("a picture arrives both ways and on a second device, and is there after a reload", async () => {
  const second = await Profile.create();
  const secondPage = await second.open(pair.server.url);
  await logIn(secondPage, "bob");
  await confirmByKey(secondPage, pair.bobKey);
  await openListedChat(secondPage, "Alice");
  // What is sent before Alice's browser knows that it is confirmed cannot be read there.
  await behindTheLock(alicePage, async (dialog) => expect(dialog).toContainText("Keys go to 2 devices"));
  await sendFiles(alicePage, [png("red-kettle.png", 60, 40, [200, 30, 30])]);
  for (const page of [alicePage, bobPage, secondPage]) {
    expect(await shownSize(picture(page, "red-kettle.png"))).toEqual({ width: 60, height: 40 });
  }
  await expect(bobPage.getByRole("list", { name: "Chats" })).toContainText("Picture: red-kettle.png");
  await sendFiles(bobPage, [png("blue-kettle.png", 30, 50, [30, 30, 200])]);
  expect(await shownSize(picture(alicePage, "blue-kettle.png"))).toEqual({ width: 30, height: 50 });
  await bobPage.reload();
  expect(await shownSize(picture(bobPage, "red-kettle.png"))).toEqual({ width: 60, height: 40 });
  await second.remove();
  for (const name of ["kettle", "image/png"]) expect(await pair.server.placesOf(name)).toEqual([]);
});

test("a photograph is made smaller, stands upright and tells no place, unless it is to stay as it is", async () => {
  const taken = await photo(alicePage, "garden.jpg", 2_600, 1_300);
  expect(taken.buffer.includes(PLACE)).toBe(true);
  await sendFiles(alicePage, [taken]);
  // Its thumbnail, upright.
  expect(await shownSize(picture(bobPage, "garden.jpg"))).toEqual({ width: 400, height: 800 });
  await picture(bobPage, "garden.jpg").click();
  const dialog = bobPage.getByRole("dialog", { name: "Picture garden.jpg" });
  await expect.poll(async () => shownSize(dialog)).toEqual({ width: 1_024, height: 2_048 });
  const small = await saved(bobPage, dialog.getByRole("button", { name: "Download garden.jpg" }));
  expect(small.name).toBe("garden.jpg");
  expect(small.bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  expect(small.bytes.includes(PLACE) || small.bytes.includes("Exif")).toBe(false);
  await bobPage.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);

  await pickFiles(alicePage, [{ ...taken, name: "original.jpg" }]);
  await tray(alicePage).getByRole("switch", { name: "Original of original.jpg" }).check();
  await alicePage.getByRole("button", { name: "Send", exact: true }).click();
  await picture(bobPage, "original.jpg").click();
  const whole = bobPage.getByRole("dialog", { name: "Picture original.jpg" });
  const kept = await saved(bobPage, whole.getByRole("button", { name: "Download original.jpg" }));
  expect(kept.bytes.equals(taken.buffer)).toBe(true);
  await whole.getByRole("button", { name: "Close" }).click();
  await expect(whole).toHaveCount(0);
});

test("what a drawing tells about itself is taken out, and the drawing stays as it is", async () => {
  await sendFiles(alicePage, [png("plan.png", 20, 20, [9, 9, 9], "drawn at home, Hauptstrasse 1")]);
  await picture(bobPage, "plan.png").click();
  const dialog = bobPage.getByRole("dialog", { name: "Picture plan.png" });
  const plan = await saved(bobPage, dialog.getByRole("button", { name: "Download plan.png" }));
  expect(plan.bytes.equals(png("plan.png", 20, 20, [9, 9, 9]).buffer)).toBe(true);
  await bobPage.keyboard.press("Escape");
  await expect(bobPage.getByRole("dialog")).toHaveCount(0);
});

test("what is written beside a picture stands below it, and it answers what is being answered", async () => {
  await pickFiles(alicePage, [png("cake.png", 10, 10, [90, 60, 30])]);
  await expect(tray(alicePage)).toContainText("cake.png");
  await composer(alicePage).fill("I baked *this*");
  await composer(alicePage).press("Enter");
  await expect(article(bobPage, "I baked").getByRole("button", { name: "Open picture cake.png" })).toBeVisible();
  await expect(article(bobPage, "I baked").locator(".message-text em")).toHaveText("this");
  await article(bobPage, "I baked").hover();
  await article(bobPage, "I baked").getByRole("button", { name: "Reply", exact: true }).click();
  await sendFiles(bobPage, [png("plate.png", 10, 10, [240, 240, 240])]);
  const answer = articleWith(alicePage, "plate.png");
  await expect(answer.getByRole("button", { name: "In reply to" })).toContainText("cake.png");
});

test("pictures are looked at large, by keys, and the focus comes back", async () => {
  await sendFiles(alicePage, [png("one.png", 40, 40, [1, 99, 1]), png("two.png", 40, 40, [1, 1, 99])]);
  await picture(bobPage, "two.png").focus();
  await bobPage.keyboard.press("Enter");
  const look = (name: string) => bobPage.getByRole("dialog", { name: `Picture ${name}` });
  await expect(look("two.png").getByRole("button", { name: "Next picture" })).toBeDisabled();
  await bobPage.keyboard.press("ArrowLeft");
  await expect(look("one.png")).toBeVisible();
  const width = async () => (await look("one.png").getByRole("img").boundingBox())?.width ?? 0;
  await expect(look("one.png").getByRole("img")).toBeVisible();
  const before = await width();
  await bobPage.keyboard.press("+");
  await expect.poll(width).toBeGreaterThan(before);
  await look("one.png").getByRole("button", { name: "Zoom out" }).click();
  await expect.poll(width).toBe(before);
  await bobPage.keyboard.press("ArrowRight");
  await expect(look("two.png")).toBeVisible();
  await bobPage.keyboard.press("Escape");
  await expect(bobPage.getByRole("dialog")).toHaveCount(0);
  await expect(articleWith(bobPage, "two.png")).toBeFocused();
});

test("videos and sounds play when asked to, and nothing of them is fetched before", async () => {
  const files = [await recording(alicePage, "wave.webm", "video"), await recording(alicePage, "hum.weba", "audio")];
  const fetched: string[] = [];
  bobPage.on("request", (request) => {
    if (request.url().includes("/media/download/")) fetched.push(request.url());
  });
  await sendFiles(alicePage, files);
  const video = messages(bobPage).getByRole("button", { name: "Play video wave.webm" });
  await expect(video).toBeVisible();
  await expect(video.locator("img")).toBeVisible();
  const sound = messages(bobPage).getByRole("button", { name: "Play audio hum.weba" });
  await expect(sound).toBeVisible();
  // The thumbnail of the video alone.
  expect(fetched).toHaveLength(1);
  await video.click();
  const playing = messages(bobPage).locator("video[aria-label='wave.webm']");
  await expect.poll(async () => playing.evaluate((one) => (one as HTMLVideoElement).currentTime)).toBeGreaterThan(0);
  expect(await playing.evaluate((one) => (one as HTMLVideoElement).videoWidth)).toBe(320);
  await sound.click();
  const heard = messages(bobPage).locator("audio[aria-label='hum.weba']");
  await expect.poll(async () => heard.evaluate((one) => (one as HTMLAudioElement).currentTime)).toBeGreaterThan(0);
  expect(fetched).toHaveLength(3);
});

test("what is no picture, video or sound is only saved, under a name that hides nothing", async () => {
  const page = Buffer.from("<script>parent.document.title = 'taken over'</script>");
  const drawing = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>document.title = 'taken over'</script></svg>");
  await sendFiles(alicePage, [
    { name: "photo\u202egnp.html", mimeType: "text/html", buffer: page },
    { name: "drawing.svg", mimeType: "image/svg+xml", buffer: drawing },
  ]);
  for (const [name, bytes] of [["photognp.html", page], ["drawing.svg", drawing]] as const) {
    const line = messages(bobPage).getByRole("group", { name: `File ${name}` });
    const file = await saved(bobPage, line.getByRole("button", { name: `Download ${name}` }));
    expect(file.name).toBe(name);
    expect(file.bytes.equals(bytes)).toBe(true);
  }
  await expect(messages(bobPage).locator("svg script, iframe, object, embed")).toHaveCount(0);
  expect(await bobPage.title()).not.toContain("taken over");
});

test("what the server could have put there is not fetched unasked, nor shown as something else", async () => {
  const session = await alicePage.evaluate(() => JSON.parse(localStorage.getItem("hearth.session") ?? "{}"));
  const put = async (body: string | Buffer, type: string): Promise<string> => {
    const answer = await fetch(`${pair.server.url}/_matrix/media/v3/upload`, {
      method: "POST",
      headers: { Authorization: `Bearer ${session.access_token}`, "content-type": type },
      body: new Uint8Array(Buffer.from(body)),
    });
    return ((await answer.json()) as { content_uri: string }).content_uri;
  };
  const tell = async (name: string, url: string, mimetype: string) =>
    ask(pair.server, alicePage, "PUT", `rooms/${await roomOf(alicePage)}/send/m.room.message/${name}`, {
      msgtype: "m.image",
      body: name,
      url,
      info: { mimetype, w: 8, h: 8 },
    });
  await tell("clear.png", await put(png("clear.png", 8, 8, [1, 2, 3]).buffer, "image/png"), "image/png");
  const clear = articleWith(bobPage, "clear.png");
  await expect(clear.getByRole("note")).toContainText("Not encrypted.");
  await expect(picture(bobPage, "clear.png")).toHaveText("Show the picture");
  await expect(picture(bobPage, "clear.png").getByRole("img")).toHaveCount(0);
  await picture(bobPage, "clear.png").click();
  expect(await shownSize(bobPage.getByRole("dialog", { name: "Picture clear.png" }))).toEqual({ width: 8, height: 8 });
  await bobPage.keyboard.press("Escape");
  await expect(bobPage.getByRole("dialog")).toHaveCount(0);

  await tell("page.png", await put("<svg/>", "image/svg+xml"), "image/svg+xml");
  await expect(messages(bobPage).getByRole("group", { name: "Picture page.png" })).toBeVisible();
  await expect(picture(bobPage, "page.png")).toHaveCount(0);
});

test("a wrong byte shows nothing but words", async () => {
  await bobPage.route(DOWNLOAD, async (route) => {
    const answer = await route.fetch();
    const body = Buffer.from(await answer.body());
    body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
    await route.fulfill({ response: answer, body });
  });
  await sendFiles(alicePage, [
    png("altered.png", 12, 12, [5, 5, 5]),
    { name: "altered.txt", mimeType: "text/plain", buffer: Buffer.from("pay Alice") },
  ]);
  const words = "What the server gave is not the file that was sent";
  const shown = articleWith(bobPage, "altered.png");
  await shown.scrollIntoViewIfNeeded();
  await expect(shown.getByRole("note")).toContainText(words);
  await expect(picture(bobPage, "altered.png").getByRole("img")).toHaveCount(0);
  let downloads = 0;
  bobPage.on("download", () => (downloads += 1));
  const line = messages(bobPage).getByRole("group", { name: "File altered.txt" });
  await line.getByRole("button", { name: "Download altered.txt" }).click();
  await expect(line.getByRole("alert")).toContainText(words);
  expect(downloads).toBe(0);
  await bobPage.unroute(DOWNLOAD);
  await shown.getByRole("button", { name: "Try again" }).click();
  expect(await shownSize(picture(bobPage, "altered.png"))).toEqual({ width: 12, height: 12 });
});

test("what is pasted or dropped is about to be sent, and can be taken back", async () => {
  await handOver(composer(alicePage), "paste", [png("pasted.png", 9, 9, [8, 8, 8])]);
  await expect(tray(alicePage)).toContainText("pasted.png");
  await handOver(messages(alicePage), "drop", [
    { name: "dropped.txt", mimeType: "text/plain", buffer: Buffer.from("a list") },
    png("unwanted.png", 9, 9, [8, 8, 8]),
  ]);
  await tray(alicePage).getByRole("button", { name: "Remove unwanted.png" }).click();
  await expect(tray(alicePage).getByRole("listitem")).toHaveCount(2);
  await alicePage.getByRole("button", { name: "Send", exact: true }).click();
  await expect(picture(bobPage, "pasted.png")).toBeVisible();
  await expect(messages(bobPage).getByRole("group", { name: "File dropped.txt" })).toContainText("6 bytes");
  await expect(messages(bobPage).getByText("unwanted.png")).toHaveCount(0);
});

test("what is too large or too many is said before anything is sent", async () => {
  const path = join(folder, "disk.iso");
  const file = await open(path, "w");
  await file.truncate(LIMIT + 1);
  await file.close();
  await pickFiles(alicePage, path);
  await expect(alicePage.getByRole("alert")).toContainText("disk.iso");
  await expect(alicePage.getByRole("alert")).toContainText("this server takes files of up to 420 MB");
  await expect(tray(alicePage)).toHaveCount(0);
  const many = Array.from({ length: 31 }, (_, at) => ({ name: `${at}.txt`, mimeType: "text/plain", buffer: Buffer.from("x") }));
  await pickFiles(alicePage, many);
  await expect(alicePage.getByRole("alert")).toContainText("At most 30 files go at once; 1 were left out.");
  await expect(tray(alicePage).getByRole("listitem")).toHaveCount(30);
  for (const { name } of many.slice(0, 30)) await tray(alicePage).getByRole("button", { name: `Remove ${name}` }).click();
  await alicePage.getByRole("button", { name: "Dismiss" }).click();
  await expect(alicePage.getByRole("alert")).toHaveCount(0);
});

test("a file on its way can be cancelled, and one that failed tried again", async () => {
  await alicePage.route(UPLOAD, () => {});
  await pickFiles(alicePage, [png("regretted.png", 9, 9, [7, 7, 7])]);
  await alicePage.getByRole("button", { name: "Send", exact: true }).click();
  await expect(going(alicePage)).toContainText("Sending…");
  await going(alicePage).getByRole("button", { name: "Cancel regretted.png" }).click();
  await expect(going(alicePage)).toHaveCount(0);
  await alicePage.unroute(UPLOAD);

  await alicePage.route(UPLOAD, (route) => route.abort());
  await pickFiles(alicePage, [png("stubborn.png", 9, 9, [7, 7, 7])]);
  await alicePage.getByRole("button", { name: "Send", exact: true }).click();
  await expect(going(alicePage).getByRole("alert")).toContainText("The server can’t be reached.");
  await alicePage.unroute(UPLOAD);
  await going(alicePage).getByRole("button", { name: "Try again" }).click();
  await expect(picture(bobPage, "stubborn.png")).toBeVisible();
  await expect(picture(bobPage, "regretted.png")).toHaveCount(0);
});

test("what a reload has lost is said, by name", async () => {
  await alicePage.route(UPLOAD, () => {});
  await pickFiles(alicePage, [png("interrupted.png", 9, 9, [7, 7, 7])]);
  await alicePage.getByRole("button", { name: "Send", exact: true }).click();
  await expect(going(alicePage)).toContainText("Sending…");
  await alicePage.reload();
  await alicePage.unroute(UPLOAD);
  await expect(alicePage.getByRole("alert")).toContainText("interrupted.png");
  await expect(alicePage.getByRole("alert")).toContainText("was not sent.");
  await alicePage.reload();
  await alicePage.getByRole("button", { name: "Dismiss" }).click();
  await expect(alicePage.getByRole("alert")).toHaveCount(0);
  await alicePage.reload();
  await expect(composer(alicePage)).toBeVisible();
  await expect(alicePage.getByRole("alert")).toHaveCount(0);
});

test("thirty pictures arrive in their order", async () => {
  const names = Array.from({ length: 30 }, (_, at) => `row-${at + 10}.png`);
  await sendFiles(alicePage, names.map((name, at) => png(name, 16, 16, [at * 8, 90, 90])));
  for (const page of [alicePage, bobPage]) {
    await expect(picture(page, "row-39.png")).toBeVisible();
    const shown = messages(page).getByRole("button", { name: /^Open picture row-/ });
    // For a moment one that has gone out may stand behind the next one.
    const order = () => shown.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    await expect.poll(order).toEqual(names.map((name) => `Open picture ${name}`));
  }
});

for (const [layout, width] of [["wide", 1280], ["narrow", 360]] as const) {
  test(`what shows files passes axe, ${layout}`, async () => {
    for (const page of [alicePage, bobPage]) await page.setViewportSize({ width, height: 800 });
    const named = (name: string) => `${layout}-${name}`;
    await pickFiles(alicePage, [
      await photo(alicePage, named("harbour.jpg"), 1_200, 800),
      png(named("a-rather-long-name-of-a-drawing-that-nobody-shortened.png"), 60, 300, [30, 120, 90]),
      await recording(alicePage, named("wave.webm"), "video"),
      await recording(alicePage, named("hum.weba"), "audio"),
      { name: named("minutes of the meeting.pdf"), mimeType: "application/pdf", buffer: Buffer.alloc(70_000) },
    ]);
    await expect(tray(alicePage).getByRole("listitem")).toHaveCount(5);
    await checkBothThemes(alicePage, `files to send, ${layout}`);

    await alicePage.route(UPLOAD, (route) => route.abort());
    await alicePage.getByRole("button", { name: "Send", exact: true }).click();
    await expect(going(alicePage).getByRole("alert")).toHaveCount(5);
    await checkBothThemes(alicePage, `files that were not sent, ${layout}`);
    await alicePage.unroute(UPLOAD);
    const hold = await holdBack(alicePage, UPLOAD);
    for (let left = 5; left > 0; left -= 1) await going(alicePage).getByRole("button", { name: "Try again" }).first().click();
    await expect(going(alicePage)).toContainText("Sending…");
    await checkBothThemes(alicePage, `files being sent, ${layout}`);
    hold();
    await expect(going(alicePage)).toHaveCount(0);
    await alicePage.unroute(UPLOAD);

    const file = messages(bobPage).getByRole("group", { name: `File ${named("minutes of the meeting.pdf")}` });
    await expect(file).toBeVisible();
    for (const name of ["a-rather-long-name-of-a-drawing-that-nobody-shortened.png", "harbour.jpg"]) await shownSize(picture(bobPage, named(name)));
    await checkBothThemes(bobPage, `messages with pictures, ${layout}`);
    await file.scrollIntoViewIfNeeded();
    await checkBothThemes(bobPage, `messages with files, ${layout}`);
    await messages(bobPage).getByRole("button", { name: `Play video ${named("wave.webm")}` }).click();
    await messages(bobPage).getByRole("button", { name: `Play audio ${named("hum.weba")}` }).click();
    await expect(messages(bobPage).locator(`audio[aria-label='${named("hum.weba")}']`)).toBeVisible();
    await expect(messages(bobPage).locator(`video[aria-label='${named("wave.webm")}']`)).toBeVisible();
    await checkBothThemes(bobPage, `a video and a sound, ${layout}`);

    await bobPage.route(DOWNLOAD, (route) => route.abort());
    await file.getByRole("button", { name: /^Download/ }).click();
    await expect(file.getByRole("alert")).toBeVisible();
    await sendFiles(alicePage, [png(named("lost.png"), 200, 120, [200, 160, 30])]);
    await articleWith(bobPage, named("lost.png")).scrollIntoViewIfNeeded();
    await expect(articleWith(bobPage, named("lost.png")).getByRole("note")).toBeVisible();
    await checkBothThemes(bobPage, `files that did not come, ${layout}`);
    await bobPage.unroute(DOWNLOAD);

    await picture(bobPage, named("harbour.jpg")).click();
    const dialog = bobPage.getByRole("dialog", { name: `Picture ${named("harbour.jpg")}` });
    await expect.poll(async () => (await shownSize(dialog)).width).toBe(800);
    await checkBothThemes(bobPage, `a picture looked at, ${layout}`);
    await dialog.getByRole("button", { name: "Zoom in" }).click();
    await checkBothThemes(bobPage, `a picture looked at closely, ${layout}`);
    await bobPage.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    for (const page of [alicePage, bobPage]) await page.setViewportSize({ width: 1280, height: 800 });
  });
}

for (const mebibytes of LARGE) {
  test(`a large file goes out and comes in without being held in memory, ${mebibytes} MB`, async () => {
    const name = `large-${mebibytes}.bin`;
    const path = join(folder, name);
    const file = await open(path, "w");
    for (let at = 0; at < mebibytes; at += 1) await file.write(Buffer.alloc(1 << 20, at));
    await file.close();
    await pickFiles(alicePage, path);
    const sender = await pair.alice.watchMemory();
    await alicePage.getByRole("button", { name: "Send", exact: true }).click();
    const line = messages(bobPage).getByRole("group", { name: `File ${name}` });
    await expect(line).toContainText(`${mebibytes} MB`, { timeout: 200_000 });
    const sent = await sender.grewBy();
    await expect.poll(() => filesOnDisk(alicePage)).toBe(0);
    const receiver = await pair.bob.watchMemory();
    const download = bobPage.waitForEvent("download", { timeout: 200_000 });
    await line.getByRole("button", { name: `Download ${name}` }).click();
    const stream = await (await download).createReadStream();
    let [length, wrong] = [0, 0];
    for await (const part of stream) {
      for (const byte of part as Buffer) {
        if (byte !== ((length >> 20) & 255)) wrong += 1;
        length += 1;
      }
    }
    expect([length, wrong]).toEqual([mebibytes << 20, 0]);
    const received = await receiver.grewBy();
    for (const grown of [sent.pages, sent.browser, received.pages, received.browser]) expect(grown).toBeLessThan(LARGE_MEMORY);
    // It may still be being saved; the next page needs it no more.
    expect(await filesOnDisk(bobPage)).toBe(1);
    await bobPage.reload();
    await expect.poll(() => filesOnDisk(bobPage)).toBe(0);
  });
}
