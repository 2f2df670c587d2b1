// Says of each failed test what stood on the page then, at the end of the output: the folder of results is gone with the machine that ran it.
import { readFileSync } from "node:fs";

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** More letters than a page has; what is longer is cut. */
const LONGEST = 6_000;

export default class Scene implements Reporter {
  private readonly scenes: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus) return;
    for (const { name, path } of result.attachments) {
      const text = name === "error-context" && path !== undefined ? readFileSync(path, "utf8") : "";
      for (const found of text.matchAll(/```yaml\n([^]*?)\n```/g)) {
        this.scenes.push(`On the page of “${test.title}” then:\n${(found[1] ?? "").slice(0, LONGEST)}\n`);
      }
    }
  }

  onEnd(): void {
    for (const scene of this.scenes) process.stdout.write(`\n${scene}`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
