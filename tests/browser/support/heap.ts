// What a page of Chromium holds, as the browser counts it.
import type { Page } from "@playwright/test";

/** The browser's figures of a page by their names (`JSHeapUsedSize` in bytes, `Nodes`, …), right after what nobody needs was collected. */
export async function heldBy(page: Page): Promise<(name: string) => number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  return (name) => metrics.find((one) => one.name === name)?.value ?? 0;
}
