// The network itself: each person is seen at the address of their router, paths can be cut and come back, and nothing is
// left behind. Calls across it are tested elsewhere.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Browser, type Page, expect, test } from "@playwright/test";
import { type Server, startServer } from "../support/server";
import { type Host, Network, SERVER_ADDRESS, STUN_PORT, whyNot } from "./topology";

const ASK = fileURLToPath(new URL("ask-stun.mjs", import.meta.url));
const reason = whyNot();

test.skip(reason !== undefined, reason);

function seenAt(host: Host): string {
  return host.exec(process.execPath, ASK, SERVER_ADDRESS, String(STUN_PORT)).trim().split(":")[0];
}

function reaches(host: Host, address: string): boolean {
  try {
    host.exec("ip", "route", "get", address);
    return host.exec(process.execPath, "-e", CONNECT, address).trim() === "reached";
  } catch {
    return false;
  }
}

// Tries HTTP's port for a second: "reached" also when nobody listens there, as long as somebody says so.
const CONNECT = `
  const socket = require("node:net").connect(8008, process.argv[1]);
  const end = (text) => { console.log(text); process.exit(0); };
  socket.on("connect", () => end("reached"));
  socket.on("error", (error) => end(error.code === "ECONNREFUSED" ? "reached" : "not reached"));
  setTimeout(() => end("not reached"), 1000);
`;

test("each person is seen at the address of their router, and paths are cut and restored", async () => {
  const network = await Network.make();
  let server: Server | undefined;
  try {
    server = await startServer(network.server.asServer());
    expect(server.url).toBe(`http://${SERVER_ADDRESS}:8008`);
    expect(seenAt(network.alice)).toBe(network.routerOf("alice"));
    expect(seenAt(network.bob)).toBe(network.routerOf("bob"));

    expect(reaches(network.alice, network.bob.address), "a private address behind another router").toBe(false);
    expect(reaches(network.alice, network.routerOf("bob")), "a router lets nothing in unasked").toBe(false);

    network.cut("alice", "bob");
    expect(seenAt(network.alice), "only the path to Bob is cut").toBe(network.routerOf("alice"));
    network.cut("alice");
    expect(() => seenAt(network.alice)).toThrow(/no answer/);
    expect(seenAt(network.bob)).toBe(network.routerOf("bob"));
    network.restore("alice");
    expect(seenAt(network.alice)).toBe(network.routerOf("alice"));

    network.unplug("alice");
    expect(reaches(network.alice, SERVER_ADDRESS)).toBe(false);
    network.plug("alice");
    expect(seenAt(network.alice)).toBe(network.routerOf("alice"));
  } finally {
    await server?.stop();
    network.remove();
  }
  expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).not.toContain(`hearthnet-${process.pid}-`);
});

// Runs in a page: a connection with a data channel whose description is complete once all candidates are in it.
const PREPARE = `
  window.connection = new RTCPeerConnection({ iceServers: [{ urls: "stun:${SERVER_ADDRESS}:${STUN_PORT}" }] });
  window.channel = connection.createDataChannel("test", { negotiated: true, id: 0 });
  window.opened = new Promise((resolve) => { channel.onopen = resolve; });
  window.complete = async () => {
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => { connection.onicegatheringstatechange = resolve; });
    }
    return connection.localDescription.toJSON();
  };
`;

// Both ends' candidate types of the pair that is in use.
const SELECTED = `(async () => {
  const stats = [...(await connection.getStats()).values()];
  const transport = stats.find((entry) => entry.type === "transport");
  const pair = stats.find((entry) => entry.id === transport.selectedCandidatePairId);
  const kind = (id) => stats.find((entry) => entry.id === id).candidateType;
  return [kind(pair.localCandidateId), kind(pair.remoteCandidateId)];
})()`;

test("browsers behind two routers find each other by the server's STUN", async () => {
  const network = await Network.make();
  let server: Server | undefined;
  const browsers: Browser[] = [];
  try {
    server = await startServer(network.server.asServer());
    const pages: Page[] = [];
    for (const host of [network.alice, network.bob]) {
      const browser = await host.launchChromium(server.url);
      browsers.push(browser);
      const page = await browser.newPage();
      await page.goto(server.url);
      expect(await page.evaluate(() => window.isSecureContext), "or there is no encryption").toBe(true);
      await page.evaluate(PREPARE);
      pages.push(page);
    }
    const [alice, bob] = pages;
    const take = "(description) => connection.setRemoteDescription(description)";
    const offer: RTCSessionDescriptionInit = await alice.evaluate("complete()");
    const seen = (offer.sdp ?? "").split("\r\n").filter((line) => line.includes(" typ srflx "));
    expect(seen.join("\n"), offer.sdp).toContain(` ${network.routerOf("alice")} `);
    await bob.evaluate(`(${take})(${JSON.stringify(offer)})`);
    await alice.evaluate(`(${take})(${JSON.stringify(await bob.evaluate("complete()"))})`);
    await Promise.all(pages.map((page) => page.evaluate("opened.then(() => {})")));
    for (const page of pages) {
      // What the router of the other shows first can be a "peer reflexive" one, learned from the packets themselves.
      for (const kind of (await page.evaluate(SELECTED)) as string[]) expect(["host", "srflx", "prflx"]).toContain(kind);
    }
  } finally {
    for (const browser of browsers) await browser.close();
    await server?.stop();
    network.remove();
  }
});
