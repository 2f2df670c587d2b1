// A browser over the server's own HTTPS, as at home: HTTP/2, over which a page, its poll and all it loads share one connection.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Page, expect, test } from "@playwright/test";

import { homeThatTrusts } from "./support/home.ts";
import { ownPort } from "./support/ports.ts";
import { Profile } from "./support/profile.ts";
import { type Server, startServer } from "./support/server.ts";
import { acceptRequest, messages, openChatWith, passRecoveryKey, say, signUp } from "./support/steps.ts";

/** How what the page has loaded so far has come. */
const protocols = (page: Page) =>
  page.evaluate(() => {
    const loaded = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return [...new Set(loaded.filter((one) => one.name.startsWith(location.origin) && one.nextHopProtocol).map((one) => one.nextHopProtocol))];
  });

let server: Server;
let profiles: Profile[];
let address: string;
let homes: string;

test.beforeEach(async () => {
  const [https, plain] = [`127.0.0.1:${await ownPort()}`, `127.0.0.1:${await ownPort()}`];
  server = await startServer({ settings: { HEARTH_LAN: "127.0.0.1", HEARTH_HTTPS_LISTEN: https, HEARTH_HTTPS_REDIRECT_LISTEN: plain } });
  homes = await mkdtemp(join(tmpdir(), "hearth-homes-"));
  const root = await readFile(join(server.data, "https", "root.pem"), "utf8");
  const trusting = async () => Profile.create({ env: { ...process.env, HOME: await homeThatTrusts(root, homes) } as Record<string, string> });
  profiles = [await trusting(), await trusting()];
  address = `https://${https}`;
});

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await server.stop();
  await rm(homes, { recursive: true, force: true });
});

test("two people talk over HTTP/2, also after the server was away", async () => {
  const [alicePage, bobPage] = (await Promise.all(profiles.map((profile) => profile.open(address)))) as [Page, Page];
  await signUp(alicePage, "alice", "Alice");
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(alicePage);
  await passRecoveryKey(bobPage);
  await openChatWith(alicePage, "bob", "Bob");
  await acceptRequest(bobPage, "Alice");
  await say(alicePage, "Over one connection");
  await expect(messages(bobPage).getByText("Over one connection", { exact: true })).toBeVisible();
  for (const page of [alicePage, bobPage]) expect(await protocols(page)).toEqual(["h2"]);
  await server.kill();
  await say(alicePage, "Into the dark");
  await expect(messages(alicePage).getByText("Waiting for the connection…")).toBeVisible();
  await server.restart();
  await expect(messages(bobPage).getByText("Into the dark", { exact: true })).toBeVisible({ timeout: 60_000 });
});
