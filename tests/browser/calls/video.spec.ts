// Video calls and shared screens: pictures on both sides, and from voice to video and back without losing a word.
import { expect, test } from "@playwright/test";

import { pressedAt, shownAt } from "./moments.ts";
import { pairForAll } from "./pair.ts";
import { type Person, row, talk } from "./people.ts";

/** What the other side has to see within a second of the press. */
const SEEN_WITHIN_MS = 1_000;
const MAX_GAP_MS = 200;

let alice: Person;
let bob: Person;

pairForAll((_, ...pair) => {
  [alice, bob] = pair;
});

test("both see each other, and see when a camera goes off and on", async () => {
  await alice.call("video");
  await expect(bob.state).toHaveText("Alice is calling with video");
  await bob.accept("video");
  await Promise.all([alice.connected(), bob.connected()]);
  await Promise.all([alice.sees(), bob.sees(), alice.hears(2)]);
  await alice.isDirect();

  await alice.button("Turn camera off").click();
  await expect(bob.camera).toHaveCount(0);
  const pressed = await pressedAt(alice.page);
  expect((await shownAt(bob.page, { camera: false }, pressed)) - pressed).toBeLessThan(SEEN_WITHIN_MS);
  await expect(alice.camera).toBeVisible();
  await alice.button("Turn camera on").click();
  await expect(bob.camera).toBeVisible();
  await bob.sees();
  await bob.hangUp();
  await expect(row(alice)).toHaveText(/^Video call · \d+ s/);
});

test("answering a video call by voice", async () => {
  await alice.call("video");
  await bob.accept("voice");
  await Promise.all([alice.connected(), bob.connected()]);
  await expect(bob.camera).toBeVisible();
  await bob.sees();
  await expect(alice.camera).toHaveCount(0);
});

test("from voice to video and back without a gap in the sound", async () => {
  await talk(alice, bob);
  await Promise.all([alice.hears(1), bob.hears(1)]);
  await Promise.all([alice.listen(), bob.listen()]);

  await alice.button("Turn camera on").click();
  await expect(bob.camera).toBeVisible();
  await bob.sees();
  await bob.button("Turn camera on").click();
  await expect(alice.camera).toBeVisible();
  await alice.sees();
  await alice.button("Turn camera off").click();
  await bob.button("Turn camera off").click();
  await expect(bob.camera).toHaveCount(0);
  await expect(alice.camera).toHaveCount(0);
  await alice.page.waitForTimeout(1_000);

  for (const person of [alice, bob]) {
    const { gapMs, packets } = await person.sound();
    expect(packets).toBeGreaterThan(100);
    expect(gapMs, `the longest gap for ${person.name}`).toBeLessThan(MAX_GAP_MS);
  }
});

test("both turn their cameras on at the same moment", async () => {
  await talk(alice, bob);
  await Promise.all([alice.button("Turn camera on").click(), bob.button("Turn camera on").click()]);
  await expect(alice.camera).toBeVisible();
  await expect(bob.camera).toBeVisible();
  await Promise.all([alice.sees(), bob.sees()]);
});

test("a shared screen arrives in its size, beside the camera, until it is stopped", async () => {
  await talk(alice, bob, "video");
  await bob.sees();
  await alice.button("Share screen").click();
  await expect(bob.screen).toBeVisible();
  const shared = await sharedSize(alice);
  const sizes = async () => (await bob.report()).videos.filter((video) => video.frames > 0).map((video) => `${video.width}x${video.height}`);
  await expect.poll(sizes).toContain(`${shared.width}x${shared.height}`);
  expect((await bob.report()).videos).toHaveLength(2);
  await alice.button("Stop sharing").click();
  await expect(bob.screen).toHaveCount(0);

  // The browser's own stop ends the track; nothing in the page was pressed.
  await alice.button("Share screen").click();
  await expect(bob.screen).toBeVisible();
  await stopByBrowser(alice);
  await expect(bob.screen).toHaveCount(0);
  await expect(alice.button("Share screen")).toBeVisible();
  await Promise.all([alice.hears(1), bob.hears(1)]);
});

/** The size of what a person shares, as its track says. */
async function sharedSize(person: Person): Promise<{ width: number; height: number }> {
  return await person.page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>("[data-role=own-screen]");
    const { width = 0, height = 0 } = (video?.srcObject as MediaStream).getVideoTracks()[0].getSettings();
    return { width, height };
  });
}

/** What the page is told when "Stop sharing" in the browser's own bar is pressed, which automation cannot reach. */
async function stopByBrowser(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement>("[data-role=own-screen]");
    const track = (video?.srcObject as MediaStream).getVideoTracks()[0];
    track.stop();
    track.dispatchEvent(new Event("ended"));
  });
}
