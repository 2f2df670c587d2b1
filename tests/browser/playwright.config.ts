// How the browser tests run: one at a time (two cores, several browsers each), never retried.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  // These only end what hangs, on a machine that has other things to do as well. What is promised to be quick is measured.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // Firefox and WebKit run what everybody does; how they are started is in `support/profile.ts` and `support/webkit.ts`.
  projects: [
    { name: "chromium", testIgnore: "webkit.spec.ts" },
    { name: "firefox", testMatch: ["conversation.spec.ts", "messages.spec.ts"] },
    { name: "webkit", testMatch: "webkit.spec.ts" },
  ],
  reporter: [["list"], ["./support/scene.ts"]],
  outputDir: "results",
});
