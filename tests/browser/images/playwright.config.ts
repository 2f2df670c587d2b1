// Draws the pictures of the README from a real conversation: `npm run images`, with HEARTH_BIN as for the tests.
import { defineConfig } from "@playwright/test";

export default defineConfig({ testDir: ".", testMatch: "*.images.ts", timeout: 120_000, workers: 1, outputDir: "../results" });
