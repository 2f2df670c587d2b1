// Measures what people wait for in the client: `cargo xtask bench --web`.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.bench.ts",
  timeout: 3_600_000,
  expect: { timeout: 120_000 },
  workers: 1,
  reporter: [["list"]],
  outputDir: "../results",
});
