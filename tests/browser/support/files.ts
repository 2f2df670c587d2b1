// Files for tests, made here: no picture is committed that somebody would have to trust.
import { crc32, deflateSync } from "node:zlib";

import { type Locator, type Page, type Response, expect } from "@playwright/test";

import { messages } from "./steps.ts";

export interface TestFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of one colour; `text` is something that it tells about itself. */
export function png(name: string, width: number, height: number, colour: [number, number, number], text = ""): TestFile {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const told = text === "" ? [] : [chunk("tEXt", Buffer.from(`Comment\0${text}`, "latin1"))];
  const buffer = Buffer.concat([start, chunk("IHDR", head), ...told, chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
  return { name, mimeType: "image/png", buffer };
}

/** What a camera tells: that the picture is to be turned by a quarter, and where it was taken. */
export const PLACE = "52 deg 31' N, 13 deg 24' E";

/** A JPEG with noise, as a camera makes one: it lies on its side and tells a place. */
export async function photo(page: Page, name: string, width: number, height: number): Promise<TestFile> {
  const base64 = await page.evaluate(
    async ([width, height]) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d");
      for (let at = 0; at < 4_000; at += 1) {
        if (!context) break;
        context.fillStyle = `hsl(${(at * 37) % 360} 60% 50%)`;
        context.fillRect((at * 7_919) % width, (at * 104_729) % height, 60, 40);
      }
      return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
    },
    [width, height],
  );
  const jpeg = Buffer.from(base64 ?? "", "base64");
  return { name, mimeType: "image/jpeg", buffer: Buffer.concat([jpeg.subarray(0, 2), exif(), jpeg.subarray(2)]) };
}

function exif(): Buffer {
  const place = Buffer.from(`${PLACE}\0`, "latin1");
  const tiff = Buffer.alloc(38);
  tiff.write("MM\0*\0\0\0\x08", 0, "latin1");
  tiff.writeUInt16BE(2, 8);
  // Orientation: turned by a quarter.
  tiff.set([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0], 10);
  // Words about it, which stand behind the table.
  tiff.set([0x01, 0x0e, 0, 2], 22);
  tiff.writeUInt32BE(place.length, 26);
  tiff.writeUInt32BE(38, 30);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, place]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A video of a second, recorded by the browser itself; or a sound. */
export async function recording(page: Page, name: string, kind: "video" | "audio"): Promise<TestFile> {
  const base64 = await page.evaluate(async (kind) => {
    let stream: MediaStream;
    if (kind === "video") {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [320, 180];
      const context = canvas.getContext("2d");
      let turn = 0;
      setInterval(() => {
        if (context) context.fillStyle = `hsl(${(turn += 9)} 70% 50%)`;
        context?.fillRect(0, 0, 320, 180);
      }, 40);
      stream = canvas.captureStream(25);
    } else {
      const sound = new AudioContext();
      const tone = sound.createOscillator();
      const out = sound.createMediaStreamDestination();
      tone.connect(out);
      tone.start();
      stream = out.stream;
    }
    const recorder = new MediaRecorder(stream, { mimeType: `${kind}/webm` });
    const parts: Blob[] = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, kind);
  return { name, mimeType: `${kind}/webm`, buffer: Buffer.from(base64, "base64") };
}

/** Picks files by the button, as the browser's own dialog hands them over. */
export async function pickFiles(page: Page, files: TestFile[] | string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles(files);
}

/** Picks files and sends them; waits until the server has a message of each. */
export async function sendFiles(page: Page, files: TestFile[]): Promise<void> {
  await pickFiles(page, files);
  await expect(page.getByRole("list", { name: "Files to send" }).getByRole("listitem")).toHaveCount(files.length);
  let sent = 0;
  const count = (answer: Response): void => {
    if (answer.ok() && answer.url().includes("/send/m.room.encrypted/")) sent += 1;
  };
  page.on("response", count);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  // They go one after the other.
  await expect.poll(() => sent, { timeout: 30_000 * files.length }).toBe(files.length);
  page.off("response", count);
}

export function picture(page: Page, name: string): Locator {
  return messages(page).getByRole("button", { name: `Open picture ${name}` });
}

/** The message with a picture. */
export function articleWith(page: Page, name: string): Locator {
  return messages(page)
    .getByRole("article")
    .filter({ has: page.getByRole("button", { name: `Open picture ${name}` }) });
}

/** Waits until the browser shows the picture; answers how large it is. */
export async function shownSize(shown: Locator): Promise<{ width: number; height: number }> {
  const image = shown.getByRole("img");
  // Pictures are fetched when they are near the screen: whoever looks at one goes there.
  await shown.scrollIntoViewIfNeeded();
  await expect(image).toBeVisible();
  return image.evaluate(async (element) => {
    const picture = element as HTMLImageElement;
    // Another picture may take its place just then.
    await picture.decode().catch(() => {});
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  });
}

/** Presses what saves a file, and reads what was saved. */
export async function saved(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent("download");
  await button.click();
  const file = await download;
  const parts: Buffer[] = [];
  for await (const part of await file.createReadStream()) parts.push(part as Buffer);
  return { name: file.suggestedFilename(), bytes: Buffer.concat(parts) };
}

/** Gives the page files by an event with a list of files, as pasting and dropping do. */
export async function handOver(target: Locator, kind: "paste" | "drop", files: TestFile[]): Promise<void> {
  const given = files.map((file) => ({ name: file.name, type: file.mimeType, base64: file.buffer.toString("base64") }));
  await target.evaluate(
    (element, { kind, given }) => {
      const data = new DataTransfer();
      for (const { name, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
    },
    { kind, given },
  );
}

/** How many files the page has put on disk for a while. */
export async function filesOnDisk(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("files").catch(() => undefined);
    let count = 0;
    if (folder) for await (const _ of folder.keys()) count += 1;
    return count;
  });
}
