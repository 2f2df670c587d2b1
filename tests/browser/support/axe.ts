// A screen as it is, in both themes, against axe's rules: no violations at all.
import { join } from "node:path";

import { AxeBuilder } from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

import { isAtRest } from "./rest.ts";

/** Where pictures of all these screens go, for people to look at; none are taken otherwise. */
const PICTURES = process.env["SCREENS"];

/** Settings keep the choice; here only the look is turned, so that every screen is seen in both. */
export async function checkBothThemes(page: Page, screen: string): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await page.evaluate((name) => document.documentElement.setAttribute("data-theme", name), theme);
    // Colours move over a few frames; axe must see where they end.
    await isAtRest(page);
    if (PICTURES) {
      const name = `${screen.replace(/\W+/g, "-")}-${theme}-${page.viewportSize()?.width}.png`;
      await page.screenshot({ path: join(PICTURES, name) });
    }
    const found = await new AxeBuilder({ page }).analyze();
    const broken = found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target.join(" ")).join(", ")}`);
    expect(broken, `${screen}, ${theme}`).toEqual([]);
  }
}
