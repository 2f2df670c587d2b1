// Measurements that take minutes and judge nothing by themselves, or with wide bounds; no part of CI.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  timeout: 3_600_000,
  expect: { timeout: 30_000 },
  workers: 1,
  retries: 0,
  projects: [{ name: "chromium" }],
  reporter: [["list"]],
  outputDir: "../results",
});
