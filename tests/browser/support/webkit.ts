// WebKit's browser of the system, for one person. Playwright drives no build of WebKit that distributions have, so this
// one is driven by the driver that comes with it; elements are found by role and accessible name as everywhere.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";

import { expect } from "@playwright/test";
import { build } from "esbuild";
import { Builder, Key, type WebDriver, type WebElement } from "selenium-webdriver";

import { ownPort } from "./ports.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";
const BROWSERS = ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"].map((version) => `/usr/lib/${arch()}-linux-gnu/${version}/MiniBrowser`);
const WITHIN_MS = 60_000;

function arch(): string {
  return process.arch === "arm64" ? "aarch64" : "x86_64";
}

/** A screen that nobody sees; its number. */
async function startScreen(): Promise<{ screen: ChildProcess; name: string }> {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const [number] = (await once(screen.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
  return { screen, name: `:${number.toString().trim()}` };
}

/** The search by role, as one script for the page. */
async function finder(): Promise<string> {
  const bundle = await build({
    stdin: { contents: 'export { queryAllByRole } from "@testing-library/dom";', resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "byRole",
    define: { "process.env.DEBUG_PRINT_LIMIT": "0", "process.env": "{}", process: "undefined", global: "globalThis" },
  });
  return bundle.outputFiles[0]?.text ?? "";
}

/** Runs in the page: waits until an element stands where it stood a frame ago, and lets the next press meet nothing else. */
function aim(one: Element, done: () => void): void {
  const page = window as unknown as { wasMissed?: () => boolean };
  let isMissed = false;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const place = () => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height].join();
  };
  const meet = (event: Event) => {
    if (event.target instanceof Node && one.contains(event.target)) return;
    isMissed = true;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  let last = "";
  const look = () => {
    if (place() === last) {
      window.addEventListener("click", meet, { capture: true });
      page.wasMissed = () => {
        window.removeEventListener("click", meet, { capture: true });
        return isMissed;
      };
      return done();
    }
    last = place();
    requestAnimationFrame(look);
  };
  look();
}

export class WebKit {
  private constructor(
    private readonly driver: WebDriver,
    private readonly processes: ChildProcess[],
    private readonly script: string,
  ) {}

  static async start(): Promise<WebKit> {
    const { screen, name } = await startScreen();
    const port = await ownPort();
    const env = { ...process.env, DISPLAY: name, LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" };
    const service = spawn(DRIVER, [`--port=${port}`], { env, stdio: "ignore" });
    const found = await Promise.any(BROWSERS.map(async (path) => access(path).then(() => path)));
    const options = { binary: found, args: ["--automation", "--geometry=1280x900"] };
    const connect = (): Promise<WebDriver> =>
      Promise.resolve(
        new Builder()
          .usingServer(`http://127.0.0.1:${port}`)
          .withCapabilities({ browserName: "MiniBrowser", "webkitgtk:browserOptions": options })
          .build(),
      );
    const until = Date.now() + WITHIN_MS;
    for (;;) {
      try {
        const driver = await connect();
        await driver.getSession();
        return new WebKit(driver, [service, screen], await finder());
      } catch (error) {
        if (Date.now() > until) throw error;
        await new Promise((done) => setTimeout(done, 200));
      }
    }
  }

  async open(url: string): Promise<void> {
    await this.driver.get(url);
  }

  async reload(): Promise<void> {
    await this.driver.navigate().refresh();
  }

  /** Everything of this role and, if given, this accessible name, within what the selector finds. */
  private async all(role: string, name: string | RegExp | undefined, within: string): Promise<WebElement[]> {
    const pattern = name instanceof RegExp ? [name.source, name.flags] : name;
    const found = await this.driver.executeScript<WebElement[]>(
      `if (!window.byRole) { ${this.script}; window.byRole = byRole; }
       const [role, name, within] = arguments;
       const options = name === null ? {} : { name: Array.isArray(name) ? new RegExp(...name) : name };
       return [...document.querySelectorAll(within)].flatMap((one) => window.byRole.queryAllByRole(one, role, options));`,
      role,
      pattern ?? null,
      within,
    );
    return found;
  }

  /** Does something to the first of them as soon as there is one; what the page takes away meanwhile is looked for again. */
  private async withOne(role: string, name: string | RegExp | undefined, act: (one: WebElement) => Promise<void>, within = "body"): Promise<void> {
    const attempt = async (): Promise<void> => {
      const [found] = await this.all(role, name, within);
      if (!found) throw new Error("there is none");
      await act(found);
    };
    try {
      await expect(attempt, `${role} ${String(name ?? "")}`).toPass({ timeout: WITHIN_MS });
    } catch (error) {
      // There is no trace of this browser: what the page says instead is all there is to go by.
      const fields = await this.ask<string[]>(`return [...document.querySelectorAll("input")].map((one) => one.value)`);
      throw new Error(`${String(error)}\nThe page says: ${await this.ask<string>("return document.body.innerText")}\nIn its fields: ${fields.join(" | ")}`);
    }
  }

  /** Waits until the program stands in the place of the page's static form: what is typed or pressed is meant for it. */
  async programIsThere(): Promise<void> {
    await expect.poll(() => this.ask<boolean>(`return !document.getElementById("boot")`), { timeout: WITHIN_MS }).toBe(true);
  }

  /** Waits until there is one. */
  async one(role: string, name?: string | RegExp): Promise<void> {
    await this.withOne(role, name, async () => {});
  }

  async press(role: string, name: string | RegExp): Promise<void> {
    await this.withOne(role, name, (one) => this.hit(one));
  }

  /** Presses it once it stands still. A press that meets something else, because the page moved under it, does nothing and is an error. */
  private async hit(one: WebElement): Promise<void> {
    await this.driver.executeAsyncScript(aim, one);
    await one.click();
    // A press may lead to another page, which knows nothing of it, or is on its way when it is asked.
    if (await this.ask<boolean>("return window.wasMissed?.() ?? false").catch(() => false)) throw new Error("the page moved under the press");
  }

  /** Presses what a dialog offers, once it is open: what has the same name in the page behind it is not meant. */
  async pressInDialog(role: string, name: string | RegExp): Promise<void> {
    await this.withOne(role, name, (one) => this.hit(one), "dialog[open]");
  }

  /** What is written in a field. */
  async value(role: string, name: string | RegExp): Promise<string> {
    let value = "";
    await this.withOne(role, name, async (one) => void (value = (await one.getProperty("value")) ?? (await one.getText())));
    return value;
  }

  async fill(role: string, name: string | RegExp, text: string): Promise<void> {
    await this.withOne(role, name, async (one) => {
      await one.clear();
      await one.sendKeys(text);
    });
  }

  async enter(role: string, name: string | RegExp, text: string): Promise<void> {
    await this.fill(role, name, `${text}${Key.ENTER}`);
  }

  /** For fields without a role, as those for passwords are. */
  async typeInto(selector: string, text: string): Promise<void> {
    const field = await this.driver.findElement({ css: selector });
    await field.clear();
    await field.sendKeys(text);
  }

  /** What a script of the page says. */
  async ask<T>(script: string): Promise<T> {
    return this.driver.executeScript<T>(script);
  }

  async stop(): Promise<void> {
    await this.driver.quit().catch(() => {});
    for (const one of this.processes) one.kill();
  }
}
