// Notes what browsers complain of and which requests fail, for the end of the output of a test that fails.
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type BrowserContext, type Page, test } from "@playwright/test";

/** In the folder of results, which is emptied before each run. */
const NAME = "heard.tsv";
/** A complaint has no more letters than this. */
const LONGEST = 300;

interface Heard {
  at: number;
  words: string;
}

/** Notes what the pages of `context` say from now on. */
export function listen(context: BrowserContext): void {
  const folder = test.info().project.outputDir;
  mkdirSync(folder, { recursive: true });
  const note = (page: Page | undefined, words: string): void => {
    const who = (page?.url() ?? "").replace(/^.*:\/\//, "").slice(0, 60);
    const line = `${who} ${words}`.replace(/\s+/g, " ").slice(0, LONGEST);
    appendFileSync(join(folder, NAME), `${Date.now()}\t${line}\n`);
  };
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") note(message.page() ?? undefined, `${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (error) => note(error.page() ?? undefined, `uncaught: ${error.error().message}`));
  context.on("requestfailed", (request) => note(undefined, `${request.method()} ${request.url()}: ${request.failure()?.errorText ?? "failed"}`));
  context.on("response", (answer) => {
    if (answer.status() >= 400) note(undefined, `${answer.request().method()} ${answer.url()}: ${answer.status()}`);
  });
}

/** What was noted in `folder` between two moments, milliseconds since 1970, oldest first. */
export function heard(folder: string, from: number, until: number): Heard[] {
  let text = "";
  try {
    text = readFileSync(join(folder, NAME), "utf8");
  } catch {
    // Nobody complained.
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ at: Number(line.slice(0, line.indexOf("\t"))), words: line.slice(line.indexOf("\t") + 1) }))
    .filter(({ at }) => at >= from && at <= until);
}
