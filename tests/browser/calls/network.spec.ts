// Calls across networks: two people behind routers of their own, and a path that breaks and comes back.
import { type Browser, type BrowserContext, expect, test } from "@playwright/test";

import { Network, whyNot } from "../network/topology.ts";
import { type Server, startServer } from "../support/server.ts";
import { acceptRequest, openChatWith, passRecoveryKey, say, signUp } from "../support/steps.ts";
import { heardAt, shownAt } from "./moments.ts";
import { Person, talk } from "./people.ts";

const CUT_MS = 10_000;
const BACK_WITHIN_MS = 5_000;
/** The longest that a call may be "connecting", with some room for what leads there and away. */
const CONNECTING_MS = 30_000;

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
  await acceptRequest(bob.page, "Alice");
});

test.afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await server?.stop();
  network?.remove();
});

test.afterEach(async () => {
  network.restore("alice");
  const hangUp = alice.button("Hang up");
  if (await hangUp.isVisible()) await hangUp.click({ timeout: 10_000 }).catch(() => undefined);
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
    // Nothing comes in any more, so this stands until the path is back.
    const before = new Map<Person, number>();
    for (const person of [alice, bob]) before.set(person, (await person.report()).audioPackets);
    const restored = Date.now();
    network.restore("alice");
    const heard = await Promise.all([alice, bob].map(async (person) => heardAt(person.page, before.get(person)! + 25)));
    for (const at of heard) expect(at - restored).toBeLessThan(BACK_WITHIN_MS);
    await Promise.all([alice.connected(), bob.connected()]);
    // It is the same call: its time went on.
    expect(await callTime(alice)).toBeGreaterThan(since + CUT_MS / 1_000);
  });
}

test("a path that never comes about ends in plain words on both sides", async () => {
  network.cut("alice", "bob");
  const since = Date.now();
  await alice.call();
  await bob.accept();
  await expect(alice.state).toHaveText(/^Connecting…$/);
  for (const person of [alice, bob]) {
    await expect(person.state).toContainText("could be made. A firewall may be in the way", { timeout: 2 * CONNECTING_MS });
    const began = await shownAt(person.page, { state: "Connecting…" }, since);
    const over = await shownAt(person.page, { state: await person.state.innerText() }, since);
    expect(over - began).toBeLessThan(CONNECTING_MS);
  }
});

/** Seconds on the call's timer. */
async function callTime(person: Person): Promise<number> {
  const text = await person.page.locator("[data-role=call-time]").innerText();
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
