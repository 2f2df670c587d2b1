// A conversation of two people, as one of them sees it, in both themes.
import { fileURLToPath } from "node:url";

import { expect, test } from "@playwright/test";

import { Profile } from "../support/profile.ts";
import { startServer } from "../support/server.ts";
import { acceptRequest, composer, messages, openChatWith, passRecoveryKey, say, signUp } from "../support/steps.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/images/", import.meta.url));

const TALK = [
  ["alice", "Did the new server come up all right?"],
  ["bob", "It did. Two commands and a cup of tea."],
  ["bob", "I kept waiting for the part where I edit a configuration file."],
  ["alice", "That part never comes."],
  ["alice", "My notes from yesterday are here, by the way: https://example.org/notes"],
  ["bob", "Thanks, reading them now."],
  ["bob", "One thing I like: even I, who run it, can’t read any of this. I looked into the log, and it is all noise."],
  ["alice", "Good. Dinner on Thursday? Seven would suit me best, but later is fine too if your train is slow again."],
  ["bob", "Seven is perfect. I’ll bring bread."],
] as const;

test("a conversation in both themes", async () => {
  const server = await startServer();
  const alice = await Profile.create();
  const bob = await Profile.create();
  const carol = await Profile.create();
  try {
    const [alicePage, bobPage, carolPage] = [await alice.open(server.url), await bob.open(server.url), await carol.open(server.url)];
    await signUp(alicePage, "alice", "Alice");
    await signUp(bobPage, "bob", "Bob");
    await signUp(carolPage, "carol", "Carol");
    for (const page of [alicePage, bobPage, carolPage]) await passRecoveryKey(page, true);

    await openChatWith(carolPage, "alice", "Alice");
    await say(carolPage, "Your parcel is with me, come by any time!");
    await acceptRequest(alicePage, "Carol");
    await openChatWith(alicePage, "bob", "Bob");
    await say(alicePage, TALK[0][1]);
    await acceptRequest(bobPage, "Alice");
    for (const [who, text] of TALK.slice(1)) {
      await say(who === "alice" ? alicePage : bobPage, text);
      await expect(messages(who === "alice" ? bobPage : alicePage).getByText(text, { exact: true })).toBeVisible();
    }
    await composer(bobPage).pressSequentially("And", { delay: 30 });
    for (const theme of ["light", "dark"]) {
      await alicePage.evaluate((name) => document.documentElement.setAttribute("data-theme", name), theme);
      await alicePage.waitForTimeout(300);
      await alicePage.screenshot({ path: `${FOLDER}conversation-${theme}.png` });
    }
  } finally {
    await Promise.all([alice.remove(), bob.remove(), carol.remove()]);
    await server.stop();
  }
});
