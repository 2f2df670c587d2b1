// A browser profile of its own on disk, as one person has it: closing and opening it again is a browser restart.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type BrowserContext, type Page, chromium } from "@playwright/test";

/** How every browser is started here; more can be asked for with the options. */
export const ARGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Profile {
  private context: BrowserContext | undefined;
  /** What the page complained about: warnings, errors, uncaught exceptions. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly options: Parameters<typeof chromium.launchPersistentContext>[1],
  ) {}

  static async create(options: Parameters<typeof chromium.launchPersistentContext>[1] = {}): Promise<Profile> {
    return new Profile(await mkdtemp(join(tmpdir(), "hearth-profile-")), options);
  }

  /** Starts the browser on this profile and returns its page. */
  async open(url: string): Promise<Page> {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: process.env.HEARTH_CHROMIUM ?? "/usr/bin/chromium",
      args: ARGS,
      viewport: { width: 1280, height: 800 },
      ...this.options,
    });
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** Ends the browser; the profile stays on disk. */
  async close(): Promise<void> {
    await this.context?.close();
    this.context = undefined;
  }

  /** Ends the browser and removes the profile. Whatever was done with it, the page asked for nothing that its own policy refuses. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
    const refused = this.complaints.filter((complaint) => complaint.includes("Content Security Policy"));
    if (refused.length > 0) throw new Error(`the browser refused: ${refused.join("; ")}`);
  }
}
