// Voice calls between two browsers: sound, a straight path, nothing in clear, and every way a call can end.
import { expect, test } from "@playwright/test";

import type { Server } from "../support/server.ts";
import { messages, openListedChat, say } from "../support/steps.ts";
import { heardAt, pressedAt, shownAt } from "./moments.ts";
import { pairForAll } from "./pair.ts";
import { type Person, row, talk } from "./people.ts";

let server: Server;
let alice: Person;
let bob: Person;

pairForAll((...pair) => {
  [server, alice, bob] = pair;
});

test("both hear each other, straight from browser to browser", async () => {
  // As between people who have talked: keys are made and given with the first word of each, whatever it is.
  await say(bob.page, "I do.");
  await expect(messages(alice.page).getByText("I do.", { exact: true })).toBeVisible();
  await alice.call();
  await expect(alice.state).toHaveText("Calling Bob…");
  await expect(bob.state).toHaveText("Alice is calling");
  const heard = Promise.all([alice, bob].map((person) => heardAt(person.page, 0)));
  await bob.accept();
  for (const at of await heard) expect(at - (await pressedAt(bob.page))).toBeLessThan(3_000);
  await alice.connected();
  await bob.connected();
  await Promise.all([alice.hears(5), bob.hears(5)]);
  await alice.isDirect();
  await bob.isDirect();

  await alice.hangUp();
  await bob.reads("Alice hung up.");
  await expect(row(alice)).toHaveText(/^Voice call · \d+ s/);
  await expect(row(bob)).toHaveText(/^Voice call · \d+ s/);
});

test("nothing of a call is in clear on the wire or on the server", async () => {
  await talk(alice, bob);
  await bob.hangUp();
  await alice.reads("Bob hung up.");
  for (const person of [alice, bob]) {
    expect(person.sent.length).toBeGreaterThan(2);
    expect(new Set(person.sent.map((sent) => sent.type))).toEqual(new Set(["m.room.encrypted"]));
    for (const { body } of person.sent) expect(body).not.toMatch(/m\.call\.|candidate:|v=0|org\.hearth\.call/);
  }
  for (const text of ["m.call.", "candidate:", "a=ice-ufrag"]) expect(await server.placesOf(text), text).toEqual([]);
  expect(await server.placesOf("m.room.encrypted")).toContain("export");
});

test("all signals of a call but its end are declared to expire", async () => {
  const before = new Set([alice, bob].flatMap((person) => [...person.taken]));
  await talk(alice, bob);
  await alice.hears(2);
  await bob.hangUp();
  await alice.reads("Bob hung up.");
  for (const [person, kept] of [[alice, 0], [bob, 1]] as const) {
    const taken = () => [...person.taken].filter((id) => !before.has(id));
    await expect.poll(() => taken().filter((id) => !person.expiring.has(id)).length).toBe(kept);
    expect(taken().length).toBeGreaterThan(kept);
  }
});

test("mute is seen by the other side", async () => {
  await talk(alice, bob);
  await alice.button("Mute microphone").click();
  await expect(bob.state).toHaveText("Alice is muted");
  const pressed = await pressedAt(alice.page);
  expect((await shownAt(bob.page, { state: "Alice is muted" }, pressed)) - pressed).toBeLessThan(1_000);
  await alice.button("Unmute microphone").click();
  await bob.connected();
  await bob.hangUp();
});

test("declined", async () => {
  await alice.call();
  await bob.decline();
  await alice.reads("Bob declined the call.");
  await expect(row(alice)).toHaveText(/^Voice call · Declined/);
  await expect(row(bob)).toHaveText(/^You declined a voice call/);
});

test("cancelled by the caller", async () => {
  await alice.call("video");
  await expect(bob.card).toBeVisible();
  await alice.hangUp();
  await expect(bob.card).toHaveCount(0);
  await bob.reads("You missed a call from Alice.");
  await expect(row(alice)).toHaveText(/^Video call · Cancelled/);
  await expect(row(bob)).toHaveText(/^Missed video call/);
});

test("hung up by the one who was called", async () => {
  await talk(alice, bob);
  await bob.hangUp();
  // Both go away by themselves after a while.
  await Promise.all([alice.reads("Bob hung up."), bob.reads("You hung up.")]);
  await expect(row(alice)).toHaveText(/^Voice call · \d+ s/);
  await expect(row(bob)).toHaveText(/^Voice call · \d+ s/);
});

test("both call at once: one call results", async () => {
  await Promise.all([alice.call(), bob.call()]);
  await Promise.all([alice.connected(), bob.connected()]);
  await Promise.all([alice.hears(2), bob.hears(2)]);
  await alice.hangUp();
  await bob.reads("Alice hung up.");
});

test("calling who is calling accepts, with what was asked for", async () => {
  await alice.call();
  await expect(bob.card).toBeVisible();
  await bob.call("video");
  await Promise.all([alice.connected(), bob.connected()]);
  await expect(alice.camera).toBeVisible();
  await Promise.all([alice.sees(), alice.hears(1), bob.hears(1)]);
  await alice.hangUp();
  await bob.reads("Alice hung up.");
  await expect(row(bob)).toHaveText(/^Voice call · \d+ s/);
});

test("the call stays while something else is read", async () => {
  await talk(alice, bob);
  await alice.button("Settings").click();
  await expect(alice.button("Back to the call")).toBeVisible();
  await alice.hears(2);
  await alice.button("Back to the call").click();
  await alice.connected();
  await alice.hangUp();
});

test("a reload during a call asks first and ends it on both sides", async () => {
  await talk(alice, bob);
  let asked = 0;
  bob.page.on("dialog", async (dialog) => {
    asked += 1;
    await dialog.accept();
  });
  // What the other side reads goes away by itself after a while.
  await Promise.all([alice.reads("Bob hung up."), bob.page.reload()]);
  expect(asked).toBe(1);
  await openListedChat(bob.page, "Alice");
  await expect(row(alice)).toHaveText(/^Voice call · \d+ s/);
  await expect(row(bob)).toHaveText(/^Voice call · \d+ s/);
  await expect(bob.card).toHaveCount(0);
});
