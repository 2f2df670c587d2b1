// A browser profile of its own on disk, as one person has it: closing and opening it again is a browser restart.
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BrowserContext, type Page, chromium, firefox, test } from "@playwright/test";

import { listen } from "./heard.ts";

/** How every browser is started here; more can be asked for with the options. */
export const ARGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Bytes in memory: of the processes that show pages, and of the whole browser, which holds for the pages what they hand to it. */
interface Held {
  pages: number;
  browser: number;
}

/** What the browser on this profile has in memory, as the system counts it. */
async function held(folder: string): Promise<Held> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = (id: string, file: string) => readFile(`/proc/${id}/${file}`, "utf8").catch(() => "");
  const all = await Promise.all(
    ids.map(async (id) => {
      const [status, command] = [await read(id, "status"), await read(id, "cmdline")];
      const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      return { id: Number(id), parent: number("PPid"), bytes: number("VmRSS") * 1024, command };
    }),
  );
  const family = new Set(all.filter((one) => one.command.includes(folder)).map((one) => one.id));
  // Pages may be grandchildren: each round finds one generation more.
  for (let round = 0; round < 3; round += 1) for (const one of all) if (family.has(one.parent)) family.add(one.id);
  const ours = all.filter((one) => family.has(one.id));
  const sum = (some: typeof all) => some.reduce((bytes, one) => bytes + one.bytes, 0);
  return { pages: sum(ours.filter((one) => one.command.includes("--type=renderer"))), browser: sum(ours) };
}

type Options = Parameters<typeof chromium.launchPersistentContext>[1];

/** A machine without a screen has no mouse for Firefox, which then shows what fingers need. */
const WITH_MOUSE = { "ui.primaryPointerCapabilities": 6, "ui.allPointerCapabilities": 6 };

/** Starts a browser on a profile. */
function launch(folder: string, browser: string, options: Options): Promise<BrowserContext> {
  const viewport = { width: 1280, height: 800 };
  if (browser === "firefox") {
    // The system's own, driven by WebDriver BiDi.
    const executablePath = process.env.HEARTH_FIREFOX ?? "/usr/bin/firefox-esr";
    return firefox.launchPersistentContext(folder, { channel: "moz-firefox", executablePath, viewport, ...options, firefoxUserPrefs: { ...WITH_MOUSE, ...options?.firefoxUserPrefs } });
  }
  const executablePath = process.env.HEARTH_CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launchPersistentContext(folder, { executablePath, args: ARGS, viewport, ...options });
}

export class Profile {
  private context: BrowserContext | undefined;
  /** What the page complained about: warnings, errors, uncaught exceptions. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly browser: string,
    private readonly options: Options,
  ) {}

  /** Of the browser that the project of the running test is named after, unless another is named. */
  static async create(options: Options = {}, browser = test.info().project.name): Promise<Profile> {
    return new Profile(await mkdtemp(join(tmpdir(), "hearth-profile-")), browser, options);
  }

  /** Starts the browser on this profile and returns its page. */
  async open(url: string): Promise<Page> {
    this.context = await launch(this.folder, this.browser, this.options);
    listen(this.context);
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Looks at the browser's memory from now on: what counts is the most that it had at any time, with whatever it had not yet cleared away. */
  async watchMemory(): Promise<{ grewBy(): Promise<Held> }> {
    const before = await held(this.folder);
    const most = { ...before };
    const look = async (): Promise<void> => {
      const now = await held(this.folder);
      most.pages = Math.max(most.pages, now.pages);
      most.browser = Math.max(most.browser, now.browser);
    };
    const timer = setInterval(() => void look(), 250);
    return {
      grewBy: async () => {
        clearInterval(timer);
        await look();
        return { pages: most.pages - before.pages, browser: most.browser - before.browser };
      },
    };
  }

  /** Ends the browser; the profile stays on disk. */
  async close(): Promise<void> {
    await this.context?.close();
    this.context = undefined;
  }

  /** Ends the browser and removes the profile. Whatever was done with it, the page asked for nothing that its own policy refuses. */
  async remove(): Promise<void> {
    await this.close();
    // A process of the browser may write there for a moment yet.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
    const refused = this.complaints.filter((complaint) => complaint.includes("Content Security Policy"));
    if (refused.length > 0) throw new Error(`the browser refused: ${refused.join("; ")}`);
  }
}
