// People who call each other: a browser each with a fake camera and microphone, and what their connections report.
import { type BrowserContext, type Locator, type Page, expect } from "@playwright/test";

import { ARGS, Profile } from "../support/profile.ts";
import type { Server } from "../support/server.ts";
import { acceptRequest, logIn, messages, openChatWith, passRecoveryKey, say, signUp } from "../support/steps.ts";
import { confirmByKey } from "../support/trust.ts";
import { lastSaid, watchMoments } from "./moments.ts";

/** A synthetic camera and microphone, and nobody asked for them. */
export const DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
/** The whole screen is shared whenever a page asks for one. */
export const SCREEN = ["--auto-select-desktop-capture-source=Entire screen"];

/** The same for Firefox. */
const FIREFOX_MEDIA = { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true };

export interface Sound {
  packets: number;
  /** The longest time without a packet since the last look, in milliseconds. */
  gapMs: number;
}

export interface Report {
  state: string;
  /** Kinds of the two ends of the path in use: host, srflx, prflx, relay. */
  pair: string[];
  audioPackets: number;
  /** What comes in as pictures. */
  videos: { frames: number; width: number; height: number }[];
}

/** What a server says of a device's keys. */
interface SignedKeys {
  signatures: Record<string, Record<string, string>>;
}

/** Options of a person's browser. */
export interface Options {
  args?: string[];
  env?: Record<string, string>;
  executablePath?: string;
  /** Another browser than that of the test's project. */
  browser?: "chromium" | "firefox";
  /** Whether the recovery key is saved after signing up, rather than left for later. */
  saveKey?: boolean;
}

export class Person {
  /** Bodies of everything the page sent to the server's room endpoints. */
  readonly sent: { type: string; body: string }[] = [];
  /** The ids of the messages that the server took from the page, and of those it is to erase after a while. */
  readonly taken = new Set<string>();
  readonly expiring = new Set<string>();

  private constructor(
    readonly name: string,
    readonly page: Page,
    private readonly close: () => Promise<void>,
  ) {}

  /** The recovery key, of somebody who has signed up here. */
  key = "";

  /** Opens a browser at the client, not signed in yet. */
  static async open(url: string, name: string, options: Options = {}): Promise<Person> {
    const { args = [...DEVICES, ...SCREEN], browser, saveKey: _, ...rest } = options;
    const how = browser === "firefox" ? { firefoxUserPrefs: FIREFOX_MEDIA } : { args: [...ARGS, ...args] };
    const profile = await Profile.create({ ...how, ...rest }, browser);
    const page = await profile.open("about:blank");
    const person = new Person(name, page, () => profile.remove());
    if (browser === "firefox") await page.addInitScript(shareCamera);
    await person.enter(url);
    return person;
  }

  /** A person in a browser that somebody else started. */
  static async at(context: BrowserContext, url: string, name: string): Promise<Person> {
    const person = new Person(name, await context.newPage(), () => context.close());
    await person.enter(url);
    return person;
  }

  private async enter(url: string): Promise<void> {
    // What cannot be pressed by then names itself, rather than the test that ran out of time.
    this.page.setDefaultTimeout(30_000);
    await this.page.addInitScript(watchConnections);
    await this.page.addInitScript(watchMoments);
    this.page.on("request", (request) => {
      const type = /\/rooms\/[^/]+\/send\/([^/]+)\//.exec(request.url())?.[1];
      if (type) this.sent.push({ type, body: request.postData() ?? "" });
    });
    this.page.on("response", async (response) => {
      if (response.request().method() !== "PUT" || !response.ok()) return;
      const expiring = /\/org\.hearth\.expiry\/rooms\/[^/]+\/event\/([^/]+)$/.exec(response.url())?.[1];
      if (expiring) this.expiring.add(decodeURIComponent(expiring));
      if (!/\/rooms\/[^/]+\/send\//.test(response.url())) return;
      // A page that is closed meanwhile has no answer any more.
      const answer = await response.json().catch(() => ({}));
      if (answer.event_id) this.taken.add(answer.event_id);
    });
    await this.page.goto(url);
  }

  /** Opens a browser and signs up. */
  static async join(server: Pick<Server, "url">, name: string, options: Options = {}): Promise<Person> {
    const person = await Person.open(server.url, name, options);
    await signUp(person.page, name.toLowerCase(), name);
    person.key = await passRecoveryKey(person.page, options.saveKey);
    return person;
  }

  /** Opens a further browser of this person, which can be called by the other one when it is there. */
  static async another(server: Server, owner: Person, caller: Person): Promise<Person> {
    const { name } = owner;
    const person = await Person.open(server.url, name);
    // What is sent before it is known that a new device is confirmed cannot be read there: the caller's browser has to
    // ask for its keys, and find the owner's signature beside the device's own.
    const isKnown = caller.page.waitForResponse(async (response) => {
      if (!response.url().endsWith("/keys/query") || !response.ok()) return false;
      const { device_keys: keys } = (await response.json()) as { device_keys: Record<string, Record<string, SignedKeys>> };
      const [userId, devices] = Object.entries(keys).find(([userId]) => userId.startsWith(`@${name.toLowerCase()}:`)) ?? ["", {}];
      const signed = Object.values(devices).filter((device) => Object.keys(device.signatures[userId]).length > 1);
      return signed.length > 1;
    }, { timeout: 60_000 });
    await logIn(person.page, name.toLowerCase());
    await confirmByKey(person.page, owner.key);
    await isKnown;
    return person;
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** The card that rings. */
  get card(): Locator {
    return this.page.getByRole("alertdialog", { name: /^Incoming call from / });
  }

  /** How the call stands, in words. */
  get state(): Locator {
    return this.page.locator("[data-role=call-state]");
  }

  get screen(): Locator {
    return this.page.locator("[data-role=remote-screen]");
  }

  get camera(): Locator {
    return this.page.locator("[data-role=remote-video]");
  }

  async call(kind: "voice" | "video" = "voice"): Promise<void> {
    await this.button(`Start ${kind} call`).click();
  }

  async accept(kind: "voice" | "video" = "voice"): Promise<void> {
    await this.card.getByRole("button", { name: kind === "video" ? "Accept with video" : "Accept", exact: true }).click();
  }

  async decline(): Promise<void> {
    await this.card.getByRole("button", { name: "Decline" }).click();
  }

  async hangUp(): Promise<void> {
    await this.button("Hang up").click();
  }

  async connected(): Promise<void> {
    await expect(this.state).toHaveText("Connected");
  }

  /** Waits until that is how the call ended, in words. They may be gone again: what needs no reading passes. */
  async reads(words: string): Promise<void> {
    // A page that is just being loaded has nothing to say.
    await expect.poll(() => lastSaid(this.page).catch(() => ""), words).toBe(words);
  }

  /** Waits until nothing of a call is left on the screen. */
  async quiet(): Promise<void> {
    const dismiss = this.button("Dismiss");
    await expect(this.button("Hang up")).toHaveCount(0);
    await expect(this.card).toHaveCount(0);
    if (await dismiss.isVisible()) await dismiss.click({ timeout: 5_000 }).catch(() => undefined);
    await expect(this.state).toHaveCount(0);
  }

  /** What the connection that is open reports. */
  async report(): Promise<Report> {
    return await reportOf(this.page);
  }

  /** The addresses this browser has found for itself on the open connection. */
  async gathered(): Promise<string[]> {
    return await this.page.evaluate(async () => {
      const found: string[] = [];
      const { connections } = window as unknown as Heard;
      const stats = await connections.filter((one) => one.connectionState !== "closed").at(-1)?.getStats();
      stats?.forEach((entry) => {
        if (entry.type === "local-candidate" && entry.address) found.push(entry.address);
      });
      return found;
    });
  }

  /** Begins to watch incoming sound for gaps; ask for it with `sound`. */
  async listen(): Promise<void> {
    await this.page.evaluate(listen);
  }

  async sound(): Promise<Sound> {
    return await this.page.evaluate(() => (window as unknown as Heard).heard);
  }

  /** Sound comes in, a second at a time, for so many seconds. */
  async hears(seconds: number): Promise<void> {
    let before = (await this.report()).audioPackets;
    for (let second = 0; second < seconds; second += 1) {
      await this.page.waitForTimeout(1_000);
      const { audioPackets } = await this.report();
      // Opus is sent fifty times a second.
      expect(audioPackets - before, `packets in second ${second}`).toBeGreaterThan(20);
      before = audioPackets;
    }
  }

  /** A picture comes in and moves. */
  async sees(): Promise<void> {
    const before = await framesOf(this.page);
    await expect.poll(() => framesOf(this.page)).toBeGreaterThan(before + 5);
  }

  /** The path is straight: none of its ends is a relay. */
  async isDirect(): Promise<void> {
    const { pair } = await this.report();
    expect(pair).toHaveLength(2);
    for (const end of pair) expect(["host", "srflx", "prflx"]).toContain(end);
  }

  async leave(): Promise<void> {
    await this.close();
  }
}

interface Heard {
  connections: RTCPeerConnection[];
  heard: Sound;
}

/** Runs in the page before anything else: a Firefox without a window has no screen to share, so its synthetic camera is shared as one. */
function shareCamera(): void {
  navigator.mediaDevices.getDisplayMedia = async () => await navigator.mediaDevices.getUserMedia({ video: true });
}

/** Runs in the page before anything else: keeps all connections, to be asked for their statistics. */
export function watchConnections(): void {
  const heard = window as unknown as Heard & { RTCPeerConnection: typeof RTCPeerConnection };
  const connections: RTCPeerConnection[] = [];
  heard.connections = connections;
  heard.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
}

async function report(): Promise<Report> {
  const open = (window as unknown as Heard).connections.filter((one) => one.connectionState !== "closed").at(-1);
  const found: Report = { state: open?.connectionState ?? "none", pair: [], audioPackets: 0, videos: [] };
  if (!open) return found;
  const stats = await open.getStats();
  stats.forEach((entry) => {
    if (entry.type === "inbound-rtp" && entry.kind === "audio") found.audioPackets += entry.packetsReceived;
    if (entry.type === "inbound-rtp" && entry.kind === "video") {
      const { framesDecoded: frames = 0, frameWidth: width = 0, frameHeight: height = 0 } = entry;
      found.videos.push({ frames, width, height });
    }
    if (entry.type === "transport" && entry.selectedCandidatePairId) {
      const pair = stats.get(entry.selectedCandidatePairId);
      const ends = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
      found.pair = ends.map((end) => end.candidateType);
    }
  });
  return found;
}

/** By the time stamps of packets, not by those of the looks: a busy page does not look like a gap. */
async function listen(): Promise<void> {
  const page = window as unknown as Heard & { listening?: number };
  clearInterval(page.listening);
  const sound: Sound = { packets: 0, gapMs: 0 };
  page.heard = sound;
  page.listening = window.setInterval(async () => {
    const open = page.connections.filter((one) => one.connectionState !== "closed").at(-1);
    (await open?.getStats())?.forEach((entry) => {
      if (entry.type !== "inbound-rtp" || entry.kind !== "audio") return;
      sound.packets = entry.packetsReceived;
      sound.gapMs = Math.max(sound.gapMs, entry.timestamp - entry.lastPacketReceivedTimestamp);
    });
  }, 40);
}

/** What the open connection of a page with `watchConnections` reports. */
export async function reportOf(page: Page): Promise<Report> {
  return await page.evaluate(report);
}

/** Packets of sound that have come in. */
export async function soundOf(page: Page): Promise<number> {
  return (await reportOf(page)).audioPackets;
}

/** Pictures that have come in, of camera and screen together. */
export async function framesOf(page: Page): Promise<number> {
  return (await reportOf(page)).videos.reduce((sum, video) => sum + video.frames, 0);
}

/** Two people with a chat between them, open on both screens. */
export async function two(server: Pick<Server, "url">, options: [Options, Options] = [{}, {}]): Promise<[Person, Person]> {
  const [alice, bob] = await Promise.all([
    Person.join(server, "Alice", options[0]),
    Person.join(server, "Bob", options[1]),
  ]);
  await openChatWith(alice.page, "bob", "Bob");
  await say(alice.page, "Do you have a minute?");
  await acceptRequest(bob.page, "Alice");
  await expect(messages(bob.page).getByText("Do you have a minute?")).toBeVisible();
  return [alice, bob];
}

/** A call between the two, connected. */
export async function talk(caller: Person, called: Person, kind: "voice" | "video" = "voice"): Promise<void> {
  await caller.call(kind);
  await called.accept(kind);
  await caller.connected();
  await called.connected();
}

/** The last row about a call in the timeline. */
export function row(person: Person): Locator {
  return messages(person.page).locator("[data-role=call-row]").last();
}
