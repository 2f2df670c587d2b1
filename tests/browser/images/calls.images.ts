// Calls as people see them, in both themes: a voice call, a video call, a shared screen, ringing.
import { fileURLToPath } from "node:url";

import { expect, test } from "@playwright/test";

import { type Person, talk, two } from "../calls/people.ts";
import { startServer } from "../support/server.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

async function picture(person: Person, name: string): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await person.page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
    await person.page.waitForTimeout(300);
    await person.page.screenshot({ path: `${FOLDER}call-${name}-${theme}.png` });
  }
}

test("calls in both themes", async () => {
  const server = await startServer();
  const [alice, bob] = await two(server, [{ saveKey: true }, { saveKey: true }]);
  try {
    await talk(alice, bob);
    await alice.hears(2);
    await picture(alice, "voice");
    await alice.button("Turn camera on").click();
    await bob.button("Turn camera on").click();
    await Promise.all([alice.sees(), bob.sees()]);
    await picture(alice, "video");
    await bob.button("Share screen").click();
    await expect(alice.screen).toBeVisible();
    // A still screen is sharp a moment after it has come.
    await alice.page.waitForTimeout(3_000);
    await picture(alice, "screen");
    await bob.hangUp();
    await Promise.all([alice.quiet(), bob.quiet()]);

    await alice.call("video");
    await expect(bob.card).toBeVisible();
    await picture(bob, "ringing");
    await bob.decline();
  } finally {
    await alice.leave();
    await bob.leave();
    await server.stop();
  }
});
