// Says of each failed test what failed, what browsers complained of and what stood on the page then, at the end of the
// output: the folder of results is gone with the machine that ran it, and of a long output often only the end is kept.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

import { heard } from "./heard.ts";

/** Letters of all scenes together. */
const LONGEST = 9_000;
/** Letters of an error, and how many complaints before it are told. */
const ERROR = 1_200;
const COMPLAINTS = 15;
/** How far back complaints are told, milliseconds. */
const BEFORE = 90_000;

interface Scene {
  title: string;
  error: string;
  complaints: string[];
  page: string;
}

export default class Scenes implements Reporter {
  private readonly scenes: Scene[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus) return;
    const { file, line } = test.location;
    const end = result.startTime.getTime() + result.duration;
    const complaints = heard(test.parent.project()?.outputDir ?? "", end - Math.min(result.duration, BEFORE), end + 1_000);
    this.scenes.push({
      title: `${basename(file)}:${line} “${test.title}” ${result.status} after ${Math.round(result.duration / 1000)} s`,
      error: result.errors.map(said).join("\n").slice(0, ERROR),
      complaints: complaints.slice(-COMPLAINTS).map(({ at, words }) => `  ${((at - end) / 1000).toFixed(1)} s ${words}`),
      page: [...new Set(result.attachments.map(shown))].join("\n"),
    });
  }

  onEnd(): void {
    const share = Math.floor(LONGEST / Math.max(1, this.scenes.length));
    for (const { title, error, complaints, page } of this.scenes) {
      const rest = Math.max(0, share - error.length - complaints.join("\n").length);
      const scene = [`On a page of ${title}:`, ends(page, rest), "Complaints of the browsers before its end:", ...complaints, `Failed: ${title}`, error];
      process.stdout.write(`\n${scene.join("\n")}\n`);
    }
  }

  printsToStdio(): boolean {
    return false;
  }
}

/** An error in words, without colours, and where it was. */
function said({ message, snippet, stack, value }: TestResult["errors"][number]): string {
  const where = /^\s+at .*\.ts:\d+:\d+.*$/m.exec(stack ?? "")?.[0] ?? "";
  const text = [message ?? value ?? "", where, (snippet ?? "").split("\n").filter((line) => /^\s*>/.test(line)).join("\n")];
  return text.join("\n").replace(/\u001b\[[0-9;]*m/g, "");
}

/** What an attachment tells of the page. */
function shown({ name, path }: TestResult["attachments"][number]): string {
  const text = name === "error-context" && path !== undefined ? readFileSync(path, "utf8") : "";
  return [...text.matchAll(/```yaml\n([^]*?)\n```/g)].map((found) => lean(found[1] ?? "")).join("\n---\n");
}

/** Without what only a program that presses things needs. */
function lean(page: string): string {
  return page.replace(/ \[(ref=\w+|cursor=pointer)\]/g, "").replace(/^( *)- generic:?\n/gm, "");
}

/** The beginning of a text and, twice as long, its end: what came last is there. */
function ends(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const third = Math.floor(longest / 3);
  return `${text.slice(0, third)}\n[…]\n${text.slice(-2 * third)}`;
}
