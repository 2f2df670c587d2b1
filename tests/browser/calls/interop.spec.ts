// Calls with a client nobody here wrote: matrix-js-sdk's, in a browser of its own, calling and being called.
import { type Page, expect, test } from "@playwright/test";

import { holdBack } from "../support/gate.ts";
import { ARGS, Profile } from "../support/profile.ts";
import { type Server, startServer } from "../support/server.ts";
import { PASSWORD, messages, openChatWith, openListedChat, say } from "../support/steps.ts";
import type { Foreign } from "./interop/page.ts";
import { type ForeignPage, serveForeignPage } from "./interop/serve.ts";
import { DEVICES, Person, SCREEN, framesOf, soundOf, watchConnections } from "./people.ts";

const MESSAGES = "**/send/m.room.encrypted/**";

let server: Server;
let pages: ForeignPage;
let profile: Profile;
let foreign: Page;
let alice: Person;
let roomId: string;

/** Has the foreign client do something. */
async function ask<K extends keyof Foreign>(name: K, ...args: Parameters<Foreign[K]>): Promise<Awaited<ReturnType<Foreign[K]>>> {
  const answer = await foreign.evaluate(
    async ([name, args]) => {
      const client = (window as unknown as { foreign: Record<string, (...args: unknown[]) => unknown> }).foreign;
      return await client[name](...args);
    },
    [name, args] as [string, unknown[]],
  );
  return answer as Awaited<ReturnType<Foreign[K]>>;
}

const state = () => ask("state");

async function foreignConnected(): Promise<void> {
  await expect.poll(async () => (await state()).state).toBe("connected");
}

/** Sound, and pictures if asked for, arrive on both sides. */
async function bothReceive(video: boolean): Promise<void> {
  const rises = async (look: () => Promise<number>) => {
    const before = await look();
    await expect.poll(look).toBeGreaterThan(before + 20);
  };
  await Promise.all([rises(() => soundOf(alice.page)), rises(() => soundOf(foreign))]);
  if (video) await Promise.all([rises(() => framesOf(alice.page)), rises(() => framesOf(foreign))]);
  await alice.isDirect();
}

test.beforeAll(async () => {
  server = await startServer();
  pages = await serveForeignPage();
  alice = await Person.join(server, "Alice");
  profile = await Profile.create({ args: [...ARGS, ...DEVICES, ...SCREEN] });
  foreign = await profile.open("about:blank");
  await foreign.addInitScript(watchConnections);
  await foreign.goto(pages.url);
  await foreign.waitForFunction(() => "foreign" in window);
  await ask("join", server.url, "bob", PASSWORD);
  await openChatWith(alice.page, "bob");
  roomId = await ask("joinChat");
  await say(alice.page, "Do you have a minute?");
  await ask("say", roomId, "I do.");
  await openListedChat(alice.page, "bob");
  await expect(messages(alice.page).getByText("I do.")).toBeVisible();
});

test.afterAll(async () => {
  await alice?.leave();
  await profile?.remove();
  await pages?.stop();
  await server?.stop();
});

test.afterEach(async () => {
  await ask("hangUp");
  await alice.quiet();
});

for (const kind of ["voice", "video"] as const) {
  test(`our client calls it, ${kind}`, async () => {
    await alice.call(kind);
    await ask("answer", kind === "video");
    await alice.connected();
    await foreignConnected();
    await bothReceive(kind === "video");
    await alice.hangUp();
    await expect.poll(async () => (await state()).ended).toBe("user_hangup");
  });

  test(`it calls our client, ${kind}`, async () => {
    await ask("call", roomId, kind === "video");
    await expect(alice.state).toHaveText(kind === "video" ? "bob is calling with video" : "bob is calling");
    await alice.accept(kind);
    await alice.connected();
    await foreignConnected();
    await bothReceive(kind === "video");
    await ask("hangUp");
    await alice.reads("bob hung up.");
  });
}

test("each side declines and cancels", async () => {
  await alice.call();
  await ask("reject");
  await alice.reads("bob declined the call.");
  await alice.quiet();

  await ask("call", roomId, false);
  await alice.decline();
  await expect.poll(async () => (await state()).ended).toBe("user_hangup");
  await alice.quiet();

  await ask("call", roomId, false);
  await expect(alice.card).toBeVisible();
  await ask("hangUp");
  await expect(alice.card).toHaveCount(0);
  await alice.quiet();

  await alice.call();
  await expect.poll(async () => (await state()).state).toBe("ringing");
  await alice.hangUp();
  await expect.poll(async () => (await state()).state).toBe("ended");
});

/** Holds back what this page sends until `release`; `held` comes true once there is something. */
async function holdMessages(page: Page): Promise<{ held: Promise<unknown>; release: () => void }> {
  const held = page.waitForRequest(MESSAGES);
  return { held, release: await holdBack(page, MESSAGES) };
}

test("both call at once", async () => {
  // Neither knows of the other's call before its own is on its way.
  const [ours, theirs] = await Promise.all([holdMessages(alice.page), holdMessages(foreign)]);
  await Promise.all([alice.call(), ask("call", roomId, false)]);
  await Promise.all([ours.held, theirs.held]);
  ours.release();
  theirs.release();
  await alice.connected();
  await foreignConnected();
  await bothReceive(false);
});

test("calling it while it calls us accepts its call", async () => {
  await ask("call", roomId, false);
  await expect(alice.card).toBeVisible();
  await alice.call();
  await alice.connected();
  await foreignConnected();
  await bothReceive(false);
});

test("who is put on hold reads so", async () => {
  await ask("call", roomId, false);
  await alice.accept();
  await alice.connected();
  await foreignConnected();
  await ask("hold", true);
  await expect(alice.state).toHaveText("On hold");
  await ask("hold", false);
  await alice.connected();
  await bothReceive(false);
});

test("mute, camera and screen are understood in both directions", async () => {
  await ask("call", roomId, false);
  await alice.accept();
  await alice.connected();
  await foreignConnected();
  const feeds = async (purpose: string) => (await state()).feeds.find((feed) => feed.purpose === purpose);

  await alice.button("Mute microphone").click();
  await expect.poll(async () => (await feeds("m.usermedia"))?.muted).toBe(true);
  await alice.button("Unmute microphone").click();
  await expect.poll(async () => (await feeds("m.usermedia"))?.muted).toBe(false);
  await ask("setMuted", true);
  await expect(alice.state).toHaveText("bob is muted");
  await ask("setMuted", false);
  await alice.connected();

  await alice.button("Turn camera on").click();
  await expect.poll(async () => (await feeds("m.usermedia"))?.cameraOff).toBe(false);
  const before = await framesOf(foreign);
  await expect.poll(() => framesOf(foreign)).toBeGreaterThan(before + 10);
  await ask("setCamera", true);
  await expect(alice.camera).toBeVisible();
  await alice.sees();
  await ask("setCamera", false);
  await expect(alice.camera).toHaveCount(0);

  await ask("setSharing", true);
  await expect(alice.screen).toBeVisible();
  await ask("setSharing", false);
  await expect(alice.screen).toHaveCount(0);
  await alice.button("Share screen").click();
  await expect.poll(async () => await feeds("m.screenshare")).toBeTruthy();
  await alice.button("Stop sharing").click();
  await expect.poll(async () => await feeds("m.screenshare")).toBeUndefined();
});
