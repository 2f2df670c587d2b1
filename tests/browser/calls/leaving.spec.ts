// Pages that go away in a call, and what does not work in one: the other side hears of it at once, and in words.
import { expect, test } from "@playwright/test";

import type { Server } from "../support/server.ts";
import { acceptRequest, openChatWith, openListedChat, say } from "../support/steps.ts";
import { closedAt, hiddenAt, pressedAt, shownAt } from "./moments.ts";
import { pairForAll } from "./pair.ts";
import { Person, row, talk } from "./people.ts";

/** How soon the other side is to know, in milliseconds. */
const AT_ONCE_MS = 1_000;

let server: Server;
let alice: Person;
let bob: Person;

pairForAll((...pair) => {
  [server, alice, bob] = pair;
});

/** Alice reads that within a second after what `act` does, which says when that was. */
async function readsAtOnce(words: string, act: () => Promise<number>): Promise<void> {
  const [, since] = await Promise.all([alice.reads(words), act()]);
  expect((await shownAt(alice.page, { state: words }, since)) - since).toBeLessThan(AT_ONCE_MS);
}

test("a page that is closed ends the call on the other side within a second", async () => {
  const second = await Person.another(server, bob, alice);
  try {
    await talk(alice, second);
    await alice.hears(1);
    await readsAtOnce("Bob hung up.", () => closedAt(second.page));
    await expect(row(alice)).toHaveText(/^Voice call · \d+ s\d+:\d+/);
  } finally {
    await second.leave();
  }
});

test("a page that comes back as it was finds its call over, and can call again", async () => {
  await talk(alice, bob, "video");
  await alice.sees();
  await readsAtOnce("Bob hung up.", () => hiddenAt(bob.page));
  await bob.reads("The call ended because the page was closed.");
  await expect(row(bob)).toHaveText(/^Video call · \d+ s\d+:\d+/);
  await Promise.all([alice.quiet(), bob.quiet()]);
  await talk(bob, alice);
  await Promise.all([alice.hears(1), bob.hears(1)]);
});

test("who comes back after a crash and calls is not told that the other is busy", async () => {
  await talk(alice, bob);
  // As a crash does, nothing is said.
  await bob.page.evaluate(() => {
    const silence = (event: Event) => {
      event.stopImmediatePropagation();
      localStorage.removeItem("hearth.call");
    };
    window.addEventListener("pagehide", silence, { capture: true });
  });
  bob.page.once("dialog", (dialog) => dialog.accept());
  await bob.page.reload();
  await openListedChat(bob.page, "Alice");
  await bob.call();
  await expect(alice.card).toBeVisible();
  await alice.accept();
  await Promise.all([alice.connected(), bob.connected()]);
  await Promise.all([alice.hears(1), bob.hears(1)]);
});

test("a microphone that is pulled out is told of, and another takes its place", async () => {
  await talk(alice, bob);
  const pull = () =>
    bob.page.evaluate(() => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] };
      const track = connections.at(-1)!.getSenders().find((sender) => sender.track?.kind === "audio")!.track!;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
  const before = (await alice.report()).audioPackets;
  await pull();
  await expect.poll(async () => (await alice.report()).audioPackets).toBeGreaterThan(before + 50);
  await alice.connected();

  await bob.page.evaluate(() => {
    const devices = navigator.mediaDevices as MediaDevices & { real?: MediaDevices["getUserMedia"] };
    devices.real = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async () => Promise.reject(new DOMException("none", "NotFoundError"));
  });
  await pull();
  await expect(alice.state).toHaveText("Bob is muted");
  await expect(bob.page.getByText("No microphone was found. Plug one in and try again.")).toBeVisible();
  await bob.page.evaluate(() => {
    const devices = navigator.mediaDevices as MediaDevices & { real: MediaDevices["getUserMedia"] };
    devices.getUserMedia = devices.real;
  });
  await bob.button("Unmute microphone").click();
  await alice.connected();
  await alice.hears(1);
});

test("a browser that cannot connect says so at once, on both sides", async () => {
  const carol = await Person.join(server, "Carol");
  try {
    await openChatWith(carol.page, "alice", "Alice");
    await say(carol.page, "Hello Alice.");
    await acceptRequest(alice.page, "Carol");

    // It has WebRTC and lets nobody use it.
    await carol.page.evaluate(() => {
      const page = window as unknown as { RTCPeerConnection: unknown };
      page.RTCPeerConnection = class {
        constructor() {
          throw new DOMException("not here", "NotSupportedError");
        }
      };
    });
    await carol.call();
    const words = "Your browser couldn’t go on with the call. Reload the page and try again.";
    await carol.reads(words);
    const since = await pressedAt(carol.page);
    expect((await shownAt(carol.page, { state: words }, since)) - since).toBeLessThan(5_000);
    await carol.quiet();
    await alice.call();
    await carol.accept();
    await readsAtOnceAfter(carol);
    await Promise.all([alice.quiet(), carol.quiet()]);

    // It has none.
    await carol.page.addInitScript(() => void delete (window as unknown as Record<string, unknown>).RTCPeerConnection);
    await carol.page.reload();
    await openListedChat(carol.page, "Alice");
    for (const kind of ["voice", "video"]) {
      const start = carol.button(`Start ${kind} call`);
      await expect(start).toBeDisabled();
      await expect(start).toHaveAttribute("title", /WebRTC is missing or turned off/);
    }
    await alice.call();
    await expect(carol.state).toContainText("Alice is calling. Calls don’t work in this browser: WebRTC is missing or turned off.");
    await expect(carol.card.getByRole("button", { name: "Accept", exact: true })).toBeDisabled();
    await carol.decline();
    await alice.reads("Carol declined the call.");
  } finally {
    await alice.quiet();
    await openListedChat(alice.page, "Bob");
    await carol.leave();
  }
});

/** From the press of "Accept" on, Alice has read of the failure soon, and not after all that a connection may take. */
async function readsAtOnceAfter(person: Person): Promise<void> {
  const pressed = Date.now();
  const words = `The call failed on ${person.name}’s side. Try again.`;
  await alice.reads(words);
  expect((await shownAt(alice.page, { state: words }, pressed - 1_000)) - pressed).toBeLessThan(5_000);
}
