// What can be done during a call besides talking: other devices, keys, the small window; all of it accessible in both themes.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";

import { isAtRest } from "../support/rest.ts";
import { pairForAll } from "./pair.ts";
import { DEVICES, type Person, SCREEN, talk } from "./people.ts";

/** Another camera to choose: the third, as Chromium's second fake one gives depth, which is not sent. */
const ARGS = ["--use-fake-device-for-media-stream=device-count=3", DEVICES[1], ...SCREEN];

let alice: Person;
let bob: Person;

pairForAll((_, ...pair) => {
  [alice, bob] = pair;
}, [{ args: ARGS }, {}]);

/** The devices that what a person sends comes from. */
async function devicesOf(person: Person): Promise<Record<string, string>> {
  return await person.page.evaluate(() => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const tracks = connections.at(-1)?.getSenders().map((sender) => sender.track);
    return Object.fromEntries((tracks ?? []).flatMap((track) => (track ? [[track.kind, track.getSettings().deviceId ?? ""]] : [])));
  });
}

test("another microphone, camera and speaker take over within the call", async () => {
  await talk(alice, bob, "video");
  await Promise.all([bob.sees(), bob.hears(1)]);
  await bob.listen();
  const before = await devicesOf(alice);
  await alice.button("Call devices").click();
  for (const [label, kind] of [["Microphone", "audio"], ["Camera", "video"]] as const) {
    const choice = alice.page.getByRole("combobox", { name: label });
    await expect(choice, "what there is to choose is known").toBeEnabled();
    const values = await choice.locator("option").evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    const other = values.findLast((value) => value !== before[kind] && value !== "default" && value !== "communications");
    expect(other, `a second ${label}`).toBeTruthy();
    await choice.selectOption(other!);
    await expect.poll(async () => (await devicesOf(alice))[kind]).toBe(other);
  }
  const speaker = alice.page.getByRole("combobox", { name: "Speaker" });
  await speaker.selectOption({ index: (await speaker.locator("option").count()) - 1 });
  await alice.page.keyboard.press("Escape");
  await expect(alice.page.getByRole("combobox", { name: "Speaker" })).toHaveCount(0);
  await Promise.all([bob.sees(), bob.hears(2), alice.hears(1)]);
  expect((await bob.sound()).gapMs).toBeLessThan(500);
});

test("keys answer, mute and hang up, turn the camera off and never on", async () => {
  await alice.call();
  await expect(bob.card).toBeVisible();
  await bob.page.keyboard.press("Alt+Shift+Enter");
  await Promise.all([alice.connected(), bob.connected()]);
  await bob.page.keyboard.press("Alt+Shift+M");
  await expect(alice.state).toHaveText("Bob is muted");
  await bob.page.keyboard.press("Alt+Shift+M");
  await alice.connected();
  await bob.button("Turn camera on").click();
  await expect(alice.camera).toBeVisible();
  await bob.page.keyboard.press("Alt+Shift+V");
  await expect(alice.camera).toHaveCount(0);
  // Nor do those that browsers have for other things turn it on, such as "paste as plain text".
  for (const modifiers of ["Alt+Shift", "Control+Shift", "Meta+Shift"]) await bob.page.keyboard.press(`${modifiers}+V`);
  await bob.page.keyboard.press("Alt+Shift+M");
  await expect(alice.state).toHaveText("Bob is muted");
  await expect(bob.button("Turn camera on")).toBeVisible();
  await expect(alice.camera).toHaveCount(0);
  await bob.page.keyboard.press("Alt+Shift+H");
  await alice.reads("Bob hung up.");
});

test("Escape in the list of devices closes that and nothing else, and its lists open by Alt and an arrow", async () => {
  await talk(alice, bob);
  const search = alice.page.getByRole("searchbox");
  await search.fill("bo");
  await alice.button("Call devices").click();
  const choice = alice.page.getByRole("combobox", { name: "Microphone" });
  await expect(choice).toBeFocused();
  const wasTaken = await choice.evaluate((list) => !list.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", altKey: true, bubbles: true, cancelable: true })));
  expect(wasTaken, "the list's own key").toBe(false);
  await alice.page.keyboard.press("Escape");
  await expect(choice).toHaveCount(0);
  await expect(search).toHaveValue("bo");
  await search.press("Escape");
  await expect(search).toHaveValue("");
  await alice.connected();
});

test("there is room for words, on a narrow page and on a low one", async () => {
  const { page } = alice;
  const before = page.viewportSize()!;
  try {
    await talk(alice, bob, "video");
    await page.setViewportSize({ width: 640, height: 400 });
    await expect.poll(async () => (await page.getByRole("log").boundingBox())!.height).toBeGreaterThan(72);
    await alice.button("Turn camera off").click();
    await bob.button("Turn camera off").click();
    await expect(alice.camera).toHaveCount(0);
    await expect.poll(async () => (await page.getByRole("log").boundingBox())!.height).toBeGreaterThan(120);
    await page.setViewportSize({ width: 360, height: 740 });
    // It passes by itself, so it is measured as soon as it is there.
    const room = alice.state.filter({ hasText: "Bob hung up." }).evaluate((words) => {
      const { width, height } = words.getBoundingClientRect();
      return { width, height };
    });
    await bob.hangUp();
    const { width, height } = await room;
    expect(width).toBeGreaterThan(240);
    expect(height).toBeLessThan(50);
  } finally {
    await page.setViewportSize(before);
  }
});

test("a message is written during a call, and Enter answers none", async () => {
  const message = bob.page.getByRole("textbox", { name: "Message" });
  await message.fill("half a thou");
  await alice.call();
  await expect(bob.card).toBeVisible();
  await expect(message).toBeFocused();
  await message.press("Enter");
  await expect(bob.card).toBeVisible();
  await bob.accept();
  await Promise.all([alice.connected(), bob.connected()]);
});

test("a call rings in front of a question that is open", async () => {
  await bob.button("Settings").click();
  await bob.button("Log out").click();
  const question = bob.page.getByRole("dialog", { name: "Log out?" });
  await expect(question).toBeVisible();
  await alice.call();
  await expect(bob.card).toBeVisible();
  await expect(question).toHaveCount(0);
  await bob.accept();
  await Promise.all([alice.connected(), bob.connected()]);
  await bob.hangUp();
});

test("the small window moves by keys and has the call's controls", async () => {
  await talk(alice, bob);
  await alice.button("Settings").click();
  const small = alice.page.getByRole("region", { name: "Call with Bob" });
  const grip = alice.button("Move call window");
  await grip.focus();
  const before = await small.boundingBox();
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp"]) await grip.press(key);
  await expect.poll(async () => (await small.boundingBox())!.x).toBeLessThan(before!.x);
  await expect.poll(async () => (await small.boundingBox())!.y).toBeLessThan(before!.y);
  await alice.button("Mute microphone").click();
  await expect(bob.state).toHaveText("Alice is muted");
  await alice.button("Back to the call").click();
  await expect(alice.button("Unmute microphone")).toBeVisible();
});

async function isAccessible(person: Person, what: string): Promise<void> {
  // Nothing is judged in the middle of a transition.
  await isAtRest(person.page);
  const { violations } = await new AxeBuilder({ page: person.page }).analyze();
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" ")}`), what).toEqual([]);
}

for (const theme of ["light", "dark"] as const) {
  test(`no accessibility violations in any state of a call, ${theme}`, async () => {
    for (const person of [alice, bob]) await person.page.emulateMedia({ colorScheme: theme });
    await alice.call("video");
    await expect(bob.card).toBeVisible();
    await isAccessible(alice, "calling");
    await isAccessible(bob, "ringing");
    await bob.accept();
    await Promise.all([alice.connected(), bob.connected()]);
    await isAccessible(bob, "in a call");
    await alice.button("Share screen").click();
    await expect(bob.screen).toBeVisible();
    await isAccessible(alice, "sharing");
    await isAccessible(bob, "seeing a screen");
    await bob.button("Call devices").click();
    await expect(bob.page.getByRole("combobox", { name: "Microphone" })).toBeVisible();
    await isAccessible(bob, "choosing devices");
    await bob.page.keyboard.press("Escape");
    await bob.button("Settings").click();
    await expect(bob.button("Back to the call")).toBeVisible();
    await isAccessible(bob, "the small window");
    await bob.button("Back to the call").click();
    await alice.hangUp();
    await isAccessible(alice, "after the call");
  });
}
