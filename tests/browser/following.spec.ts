// Tabs that follow the one that leads: the chats are read and written in all of them, and nothing is lost or said twice when
// the one that leads goes. The same where the browser has no locks, as on pages that came over plain HTTP from another machine.
import { type Page, expect, test } from "@playwright/test";

import { DEVICES } from "./calls/people.ts";
import { pickFiles } from "./support/files.ts";
import { article, pick, tell, tool } from "./support/pair.ts";
import { ARGS, Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, composer, messages, openChatWith, openListedChat, passRecoveryKey, say, signUp, texts } from "./support/steps.ts";
import { follows, leads } from "./support/tabs.ts";

const HOST = "hearth.example";
const WAYS = [
  { way: "with locks", host: "127.0.0.1" },
  { way: "over plain HTTP, without locks", host: HOST },
];

let server: Server;
let alice: Profile;
let bob: Profile;

/** A browser that knows the host by name, and has a microphone. */
const options = () =>
  test.info().project.name === "firefox"
    ? { firefoxUserPrefs: { "network.dns.localDomains": HOST, "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true } }
    : { args: [...ARGS, ...DEVICES, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`] };

test.beforeEach(async () => {
  server = await startServer();
  alice = await Profile.create(options());
  bob = await Profile.create(options());
});

test.afterEach(async () => {
  await alice.remove();
  await bob.remove();
  await server.stop();
});

interface Tabs {
  leader: Page;
  followers: [Page, Page];
  bobPage: Page;
}

/** Alice and Bob have a chat, and Alice has it open in three tabs. */
async function openThree(host: string): Promise<Tabs> {
  const address = server.url.replace("127.0.0.1", host);
  const leader = await alice.open(address);
  const bobPage = await bob.open(server.url);
  await signUp(leader, "alice", "Alice");
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(leader);
  await passRecoveryKey(bobPage);
  await openChatWith(leader, "bob", "Bob");
  await acceptRequest(bobPage, "Alice");
  await tell(bobPage, leader, "Hello, all of you");
  const follow = async (): Promise<Page> => {
    const page = await leader.context().newPage();
    await page.goto(address);
    await follows(page);
    await openListedChat(page, "Bob");
    await expect(article(page, "Hello, all of you")).toBeVisible();
    return page;
  };
  return { leader, followers: [await follow(), await follow()], bobPage };
}

/** What was counted. Of a burst a browser is told the newest twenty, and fetches what is above when somebody looks there. */
async function said(page: Page): Promise<string[]> {
  await page.getByRole("region", { name: "Message history" }).evaluate((log) => log.scrollTo(0, 0));
  return (await texts(page)).filter((text) => text.startsWith("Number "));
}

for (const { way, host } of WAYS) {
  test(`what is written in one tab is in all, and with the other person, ${way}`, async () => {
    const { leader, followers, bobPage } = await openThree(host);
    const [second, third] = followers;
    await say(second, "from the second tab");
    for (const page of [leader, third, bobPage]) await expect(article(page, "from the second tab")).toBeVisible();
    await tell(bobPage, second, "an answer for all");
    for (const page of [leader, third]) await expect(article(page, "an answer for all")).toBeVisible();

    await pick(third, "from the second tab", "Edit");
    await composer(third).fill("from the second tab, and changed in the third");
    await composer(third).press("Enter");
    await tool(second, "an answer for all", "Message actions");
    await second.getByRole("menuitemcheckbox", { name: "React with thumbs up" }).click();
    for (const page of [leader, second, third, bobPage]) {
      await expect(article(page, "and changed in the third")).toBeVisible();
      await expect(article(page, "an answer for all").getByRole("button", { name: /👍/ })).toBeVisible();
    }
    await pick(second, "an answer for all", "Reply");
    await say(second, "an answer to that");
    for (const page of [leader, third, bobPage]) await expect(article(page, "an answer to that")).toContainText("an answer for all");
    await pick(third, "an answer to that", "Delete");
    await third.getByRole("button", { name: "Delete for everyone" }).click();
    for (const page of [leader, second, bobPage]) await expect(messages(page).getByText("an answer to that", { exact: true })).toHaveCount(0);

    // Bob types, and is seen to do so in every tab.
    await composer(bobPage).pressSequentially("I ty");
    for (const page of [second, third]) await expect(page.getByText(/Bob.* is typing…/)).toBeVisible();
  });

  test(`the leader goes while fifty messages are on their way, ${way}`, async () => {
    const { leader, followers, bobPage } = await openThree(host);
    const [second, third] = followers;
    const lines = Array.from({ length: 50 }, (_, number) => `Number ${number + 1}`);
    for (const [at, line] of lines.entries()) {
      await composer(second).fill(line);
      await composer(second).press("Enter");
      // It is closed without a word to anybody.
      if (at === 24) await leader.close({ runBeforeUnload: false });
    }
    for (const page of [second, third, bobPage]) await expect.poll(() => said(page), { timeout: 120_000 }).toEqual(lines);
    // One of the two leads now, and the other follows it.
    await expect.poll(async () => (await Promise.all(followers.map((page) => page.getByRole("button", { name: "Use it here" }).count()))).sort()).toEqual([0, 1]);
    await tell(bobPage, second, "All fifty are here");
    await tell(second, third, "good");
    for (const page of [second, third]) {
      await page.reload();
      await expect.poll(() => said(page), { timeout: 120_000 }).toEqual(lines);
    }
  });
}

test("what only the tab that leads can do has it lead, and the other one follows", async () => {
  const { leader, followers } = await openThree("127.0.0.1");
  const [second, third] = followers;
  await composer(second).fill("a draft that stays");
  await second.getByRole("button", { name: "Settings" }).click();
  await expect(second.getByRole("heading", { name: "Settings" })).toBeVisible();
  await leads(second);
  await follows(leader);
  await openListedChat(second, "Bob");
  await expect(composer(second)).toHaveValue("a draft that stays");
  await say(third, "the third one follows the second");
  for (const page of [leader, second]) await expect(article(page, "the third one follows the second")).toBeVisible();
});

test("a file has the tab lead in which it was picked, and goes out there", async () => {
  const { leader, followers } = await openThree("127.0.0.1");
  const [second, third] = followers;
  await composer(second).fill("with a word beside it");
  await pickFiles(second, [{ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("remember the milk") }]);
  await leads(second);
  await follows(leader);
  await expect(composer(second)).toHaveValue("with a word beside it");
  await second.getByRole("button", { name: "Send", exact: true }).click();
  for (const page of [leader, second, third]) await expect(article(page, "notes.txt")).toContainText("with a word beside it");
});

test("a call in the tab that leads is seen in the others, and does not end unasked", async () => {
  const { leader, followers, bobPage } = await openThree("127.0.0.1");
  const [second] = followers;
  await bobPage.getByRole("button", { name: "Voice call" }).click();
  await expect(second.getByRole("status").filter({ hasText: "is calling, in another tab" })).toBeVisible();
  await second.getByRole("button", { name: "Settings" }).click();
  await expect(leader.getByRole("button", { name: "Decline" })).toBeVisible();
  await expect(second.getByRole("heading", { name: "Settings" })).toHaveCount(0);
  await leader.getByRole("button", { name: "Decline" }).click();
  await expect(second.getByRole("heading", { name: "Settings" })).toBeVisible();
});
