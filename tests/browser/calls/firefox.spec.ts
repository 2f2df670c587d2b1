// Firefox and Chromium call each other: what one describes, the other understands.
import { expect, test } from "@playwright/test";

import { hiddenAt, shownAt } from "./moments.ts";
import { pairForAll } from "./pair.ts";
import { type Person, talk } from "./people.ts";

let alice: Person;
let bob: Person;

pairForAll((_, ...pair) => {
  [alice, bob] = pair;
}, [{ browser: "firefox" }, { browser: "chromium" }]);

for (const [from, to] of [["Firefox", "Chromium"], ["Chromium", "Firefox"]]) {
  const people = (): [Person, Person] => (from === "Firefox" ? [alice, bob] : [bob, alice]);

  test(`voice from ${from} to ${to}`, async () => {
    const [caller, called] = people();
    await talk(caller, called);
    await Promise.all([caller.hears(2), called.hears(2)]);
    await called.button("Mute microphone").click();
    await expect(caller.state).toHaveText(`${called.name} is muted`);
    await called.button("Unmute microphone").click();
    await caller.connected();
    await caller.hangUp();
    await called.reads(`${caller.name} hung up.`);
  });

  test(`video from ${from} to ${to}, and a screen back`, async () => {
    const [caller, called] = people();
    await talk(caller, called, "video");
    await Promise.all([caller.sees(), called.sees(), caller.hears(1), called.hears(1)]);
    await called.button("Turn camera off").click();
    await expect(caller.camera).toHaveCount(0);
    await called.button("Share screen").click();
    await expect(caller.screen).toBeVisible();
    await caller.sees();
    await called.button("Stop sharing").click();
    await expect(caller.screen).toHaveCount(0);
  });

  test(`${to} knows within a second of a page of ${from}'s that goes`, async () => {
    const [caller, called] = people();
    await talk(caller, called);
    await called.hears(1);
    const words = `${caller.name} hung up.`;
    const [since] = await Promise.all([hiddenAt(caller.page), called.reads(words)]);
    expect((await shownAt(called.page, { state: words }, since)) - since).toBeLessThan(1_000);
  });
}
