// Several devices, several people, and devices that are not there: who rings, who stops, and what is said about it.
import { expect, test } from "@playwright/test";

import type { Server } from "../support/server.ts";
import { acceptRequest, openChatWith, openListedChat, say } from "../support/steps.ts";
import { pressedAt, shownAt } from "./moments.ts";
import { pairForAll } from "./pair.ts";
import { DEVICES, Person, SCREEN, row, talk } from "./people.ts";

/** How long a call rings where nobody is to answer it, in milliseconds. */
const RING_MS = 15_000;

let server: Server;
let alice: Person;
let bob: Person;

pairForAll((...pair) => {
  [server, alice, bob] = pair;
});

test("nobody answers", async () => {
  await alice.page.evaluate((ringMs) => localStorage.setItem("hearth.call-ring-ms", String(ringMs)), RING_MS);
  await alice.page.reload();
  await openListedChat(alice.page, "Bob");
  await alice.call();
  await expect(bob.card).toBeVisible();
  // What is missed goes away by itself after a while.
  await Promise.all([
    alice.reads("Bob didn’t answer."),
    expect(bob.card).toHaveCount(0),
    bob.reads("You missed a call from Alice."),
  ]);
  const pressed = await pressedAt(alice.page);
  const rung = await shownAt(alice.page, { state: "Calling Bob…" }, pressed);
  const over = await shownAt(alice.page, { state: "Bob didn’t answer." }, pressed);
  expect(over - rung).toBeGreaterThan(RING_MS - 500);
  expect(over - rung).toBeLessThan(RING_MS + 5_000);
  await expect(row(alice)).toHaveText(/^Voice call · No answer/);
  await expect(row(bob)).toHaveText(/^Missed voice call/);

  await alice.page.evaluate(() => localStorage.removeItem("hearth.call-ring-ms"));
  await alice.page.reload();
  await openListedChat(alice.page, "Bob");
});

test("two devices ring, one answers, the other stops at once", async () => {
  const second = await Person.another(server, bob, alice);
  try {
    await alice.call();
    await expect(bob.card).toBeVisible();
    await expect(second.card).toBeVisible();
    await second.accept();
    await bob.reads("Answered on another of your devices.");
    await expect(bob.card).toHaveCount(0);
    await Promise.all([alice.connected(), second.connected()]);
    await Promise.all([alice.hears(2), second.hears(2)]);
    await second.hangUp();
    await alice.reads("Bob hung up.");
    for (const person of [alice, bob]) await expect(row(person)).toHaveText(/^Voice call · \d+ s/);

    await alice.quiet();
    await bob.quiet();
    await alice.call();
    await expect(bob.card).toBeVisible();
    await second.decline();
    await bob.reads("Declined on another of your devices.");
    await alice.reads("Bob declined the call.");
  } finally {
    await second.leave();
  }
});

test("busy", async () => {
  const carol = await Person.join(server, "Carol");
  try {
    await openChatWith(carol.page, "bob", "Bob");
    await say(carol.page, "Are you there?");
    await acceptRequest(bob.page, "Carol");
    await openListedChat(bob.page, "Alice");
    await talk(alice, bob);
    await carol.call();
    await carol.reads("Bob is busy in another call. Try again later.");
    await expect(row(carol)).toHaveText(/^Voice call · Busy/);
    await expect(bob.card).toHaveCount(0);
    await Promise.all([alice.connected(), bob.connected()]);
    await alice.hangUp();
    await bob.quiet();
    const listed = bob.page.getByRole("list", { name: "Chats" }).getByRole("button", { name: "Carol" });
    await expect(listed, "missed as any other").toContainText("1 unread message");
    await openListedChat(bob.page, "Carol");
    await expect(row(bob)).toHaveText(/^Missed voice call · You were in another call/);
    await expect(listed).not.toContainText("unread");
  } finally {
    await openListedChat(bob.page, "Alice");
    await carol.leave();
  }
});

test("a microphone that is denied", async () => {
  // Without the flag that grants everything a headless browser denies what its person would be asked.
  const dave = await Person.join(server, "Dave", { args: [DEVICES[0]] });
  try {
    await openChatWith(dave.page, "bob", "Bob");
    await say(dave.page, "Hello Bob.");
    await acceptRequest(bob.page, "Dave");
    await openListedChat(bob.page, "Alice");
    await dave.call();
    await expect(dave.state).toContainText("Access to the microphone was denied. Allow it in the browser’s site settings");
    await expect(bob.card).toHaveCount(0);

    await openListedChat(bob.page, "Dave");
    await bob.call();
    await dave.accept();
    await expect(dave.state).toContainText("Access to the microphone was denied.");
    await bob.reads("Dave’s microphone couldn’t be used.");
    for (const person of [dave, bob]) await expect(row(person)).toHaveText(/^Voice call · Couldn’t connect/);
  } finally {
    await bob.quiet();
    await openListedChat(bob.page, "Alice");
    await dave.leave();
  }
});

test("no camera: the video call goes on by voice", async () => {
  const args = ["--use-fake-device-for-media-stream=device-count=0", DEVICES[1], ...SCREEN];
  const erin = await Person.join(server, "Erin", { args });
  try {
    await openChatWith(erin.page, "bob", "Bob");
    await say(erin.page, "Hello Bob.");
    await acceptRequest(bob.page, "Erin");
    await bob.call("video");
    await erin.accept("video");
    await Promise.all([erin.connected(), bob.connected()]);
    await expect(erin.page.getByText("No camera was found. Plug one in and try again.")).toBeVisible();
    await expect(erin.camera).toBeVisible();
    await expect(bob.camera).toHaveCount(0);
    await Promise.all([erin.hears(1), bob.hears(1)]);
    await bob.hangUp();
  } finally {
    await bob.quiet();
    await openListedChat(bob.page, "Alice");
    await erin.leave();
  }
});
