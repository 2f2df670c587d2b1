// Calls across networks: two people behind routers of their own, and a path that breaks and comes back.
import { type Browser, type BrowserContext, expect, test } from "@playwright/test";

import { Network, whyNot } from "../network/topology.ts";
import { type Server, startServer } from "../support/server.ts";
import { openChatWith, openListedChat, passRecoveryKey, say, signUp } from "../support/steps.ts";
import { Person, talk } from "./people.ts";

const CUT_MS = 10_000;
const BACK_WITHIN_MS = 5_000;

const reason = whyNot();
test.skip(reason !== undefined, reason);

let network: Network;
let server: Server;
let browsers: Browser[] = [];
let alice: Person;
let bob: Person;

test.beforeAll(async () => {
  network = await Network.make();
  server = await startServer(network.server.asServer());
  browsers = [await network.alice.launchChromium(server.url), await network.bob.launchChromium(server.url)];
  const contexts: BrowserContext[] = await Promise.all(browsers.map((browser) => browser.newContext()));
  [alice, bob] = await Promise.all([Person.at(contexts[0], server.url, "Alice"), Person.at(contexts[1], server.url, "Bob")]);
  for (const person of [alice, bob]) {
    await signUp(person.page, person.name.toLowerCase(), person.name);
    await passRecoveryKey(person.page);
  }
  await openChatWith(alice.page, "bob", "Bob");
  await say(alice.page, "Can you hear me through two walls?");
  await openListedChat(bob.page, "Alice");
});

test.afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await server?.stop();
  network?.remove();
});

test.afterEach(async () => {
  network.restore("alice");
  const hangUp = alice.button("Hang up");
  if (await hangUp.isVisible()) await hangUp.click({ timeout: 3_000 }).catch(() => undefined);
  await Promise.all([alice.quiet(), bob.quiet()]);
});

test("a call connects through the addresses that the server's STUN told", async () => {
  await talk(alice, bob, "video");
  await Promise.all([alice.hears(3), bob.hears(3)]);
  await Promise.all([alice.sees(), bob.sees()]);
  for (const person of [alice, bob]) {
    const { pair } = await person.report();
    expect(pair).toHaveLength(2);
    // Behind a router a peer is seen at an address that only STUN, or the peer's own check, can have told.
    for (const end of pair) expect(["srflx", "prflx"]).toContain(end);
    expect(await person.gathered(), "what the server's STUN told").toContain(network.routerOf(person.name.toLowerCase() as "alice" | "bob"));
  }
});

for (const [what, ends] of [
  ["between the two", ["alice", "bob"]],
  ["of one of them to everything", ["alice"]],
] as const) {
  test(`a path ${what} that is cut for ten seconds comes back within five`, async () => {
    await talk(alice, bob);
    await Promise.all([alice.hears(2), bob.hears(2)]);
    const since = await callTime(alice);
    network.cut(...(ends as ["alice", "bob"]));
    await expect(alice.state).toHaveText("Reconnecting…");
    await alice.page.waitForTimeout(CUT_MS);
    network.restore("alice");
    const restored = Date.now();
    const packets = async (person: Person) => (await person.report()).audioPackets;
    const before = await Promise.all([packets(alice), packets(bob)]);
    for (const [person, count] of [[alice, before[0]], [bob, before[1]]] as const) {
      await expect.poll(() => packets(person), { intervals: [100], timeout: 20_000 }).toBeGreaterThan(count + 25);
    }
    expect(Date.now() - restored).toBeLessThan(BACK_WITHIN_MS);
    await Promise.all([alice.connected(), bob.connected()]);
    // It is the same call: its time went on.
    expect(await callTime(alice)).toBeGreaterThan(since + CUT_MS / 1_000);
  });
}

test("a path that never comes about ends in plain words on both sides", async () => {
  network.cut("alice", "bob");
  await alice.call();
  await bob.accept();
  await expect(alice.state).toHaveText(/^Connecting…$/);
  for (const person of [alice, bob]) {
    await expect(person.state).toContainText("could be made. A firewall may be in the way", { timeout: 30_000 });
  }
});

/** Seconds on the call's timer. */
async function callTime(person: Person): Promise<number> {
  const text = await person.page.locator("[data-role=call-time]").innerText();
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
