// Several tabs of one browser, of which one leads.
import { type Page, expect } from "@playwright/test";

const banner = (page: Page) => page.getByRole("status").filter({ hasText: "Hearth is in use in another tab" });
const search = (page: Page) => page.getByRole("searchbox", { name: "Find chats and people" });

/** The tab shows the chats through another one. */
export async function follows(page: Page): Promise<void> {
  await expect(banner(page)).toBeVisible();
  await expect(search(page)).toBeVisible();
}

/** The tab has the chats itself. */
export async function leads(page: Page): Promise<void> {
  await expect(search(page)).toBeVisible();
  await expect(page.getByRole("button", { name: "Use it here" })).toHaveCount(0);
}
