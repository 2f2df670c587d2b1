// A small internet on this machine: a server and two people, each behind a router of their own.
//
//     server 203.0.113.10 ──┐
//                           ├── public net ──┬── router 203.0.113.21 ── alice 10.1.0.2
//                                            └── router 203.0.113.22 ── bob   10.2.0.2
//
// Every box is a network namespace, every line a pair of veth devices. The routers masquerade with nftables as routers at
// home do: they keep the port where they can, let in only what was asked for, and drop the rest without a word. So
// neither person reaches the other's private address, and each is seen at the address of the router.
//
// How to use it, in a Playwright test:
//
//     test.skip(whyNot() !== undefined, whyNot());            // needs root; says so loudly in the test's output
//     const network = await Network.make();
//     try {
//       const server = await startServer(network.server.asServer());   // its HTTP and STUN at 203.0.113.10
//       const browser = await network.alice.launchChromium(server.url); // a browser on Alice's host
//       network.cut("alice");            // nothing passes Alice's router any more; both ends notice only silence
//       network.restore("alice");
//       network.cut("alice", "bob");     // only what goes between the two; both still reach the server
//       network.unplug("alice");         // Alice's own cable: her system sees it, her browser hears "network changed"
//       network.plug("alice");
//     } finally {
//       await server?.stop();            // and close the browsers first: they run inside
//       network.remove();                // ends what still runs inside and takes everything down; also done at exit
//     }
//
// Names carry this process's id. What a killed run left behind is taken down by the next one.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type LaunchOptions, chromium } from "@playwright/test";

export const SERVER_ADDRESS = "203.0.113.10";
export const SERVER_PORT = 8008;
export const STUN_PORT = 3478;

const PREFIX = "hearthnet";
const STEP_MAX_MS = 20_000;

export type Person = "alice" | "bob";

const PEOPLE = {
  alice: { router: "203.0.113.21", gateway: "10.1.0.1", address: "10.1.0.2" },
  bob: { router: "203.0.113.22", gateway: "10.2.0.1", address: "10.2.0.2" },
} as const;

/** Flags without which Chromium does not run as root or talks to the outside. Calls get devices that are not there. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];

/** Why there can be no such network here, or undefined. A root without the programs is an error, not a reason to skip. */
export function whyNot(): string | undefined {
  const reason = findReason();
  if (reason) console.log(`\n########## SKIPPED: tests across networks: ${reason} ##########\n`);
  return reason;
}

function findReason(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "network namespaces are made by root only";
  for (const [program, bringing] of [
    ["ip", "iproute2"],
    ["nft", "nftables"],
  ]) {
    if (spawnSync(program, ["--version"]).error) throw new Error(`${program} is missing: install ${bringing}`);
  }
  const name = `${PREFIX}-${process.pid}-probe`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.status !== 0) return `this root may not make network namespaces: ${made.stderr.trim()}`;
  spawnSync("ip", ["netns", "del", name]);
  return undefined;
}

function run(program: string, args: string[], input?: string): string {
  // Standard error is part of the error that is thrown when the program fails.
  return execFileSync(program, args, { input, encoding: "utf8", timeout: STEP_MAX_MS, stdio: ["pipe", "pipe", "pipe"] });
}

/** A namespace: something with addresses of its own in which programs can run. */
export class Host {
  constructor(
    readonly namespace: string,
    readonly address: string,
  ) {}

  /** The words in front of a command that runs it on this host. */
  get prefix(): string[] {
    return ["ip", "netns", "exec", this.namespace];
  }

  /** Runs a program to its end and returns its output. */
  exec(program: string, ...args: string[]): string {
    return run("ip", ["netns", "exec", this.namespace, program, ...args]);
  }

  /** Feeds `input` to a program. */
  feed(input: string, program: string, ...args: string[]): string {
    return run("ip", ["netns", "exec", this.namespace, program, ...args], input);
  }

  /** Starts a program and leaves it running; it ends with the network at the latest. */
  spawn(program: string, ...args: string[]): ChildProcess {
    return spawn("ip", ["netns", "exec", this.namespace, program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  }

  /** Options for `startServer`: a Hearth on this host, with STUN at its usual port. */
  asServer() {
    return {
      prefix: this.prefix,
      listen: `${this.address}:${SERVER_PORT}`,
      settings: { HEARTH_STUN_LISTEN: `${this.address}:${STUN_PORT}` },
    };
  }

  /**
   * A Chromium on this host, driven by the test from outside through pipes. `origin` is the server's address: plain HTTP
   * that is not localhost, which this browser is told to trust as if it were HTTPS, or there is no encryption and no
   * microphone.
   */
  async launchChromium(origin: string, options: LaunchOptions = {}): Promise<Browser> {
    const program = process.env.HEARTH_CHROMIUM ?? "/usr/bin/chromium";
    const folder = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
    const wrapper = join(folder, "chromium");
    writeFileSync(wrapper, `#!/bin/sh\nexec ${this.prefix.join(" ")} ${program} "$@"\n`);
    chmodSync(wrapper, 0o700);
    try {
      const browser = await chromium.launch({
        ...options,
        executablePath: wrapper,
        args: [
          ...CHROMIUM_FLAGS,
          `--unsafely-treat-insecure-origin-as-secure=${origin}`,
          ...(options.args ?? []),
        ],
      });
      browser.once("disconnected", () => rmSync(folder, { recursive: true, force: true }));
      return browser;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

/** The whole network. Make it with `Network.make()`, and take it down with `remove()` whatever happens. */
export class Network {
  readonly server: Host;
  readonly alice: Host;
  readonly bob: Host;
  private readonly routers: Record<Person, Host>;
  private readonly name: (of: string) => string;
  private readonly atExit = () => this.remove();
  private isThere = true;

  private constructor(id: string) {
    this.name = (of) => `${PREFIX}-${id}-${of}`;
    this.server = new Host(this.name("server"), SERVER_ADDRESS);
    this.alice = new Host(this.name("alice"), PEOPLE.alice.address);
    this.bob = new Host(this.name("bob"), PEOPLE.bob.address);
    this.routers = {
      alice: new Host(this.name("router-alice"), PEOPLE.alice.router),
      bob: new Host(this.name("router-bob"), PEOPLE.bob.router),
    };
  }

  static async make(): Promise<Network> {
    removeLeftovers();
    const network = new Network(`${process.pid}-${Math.random().toString(36).slice(2, 6)}`);
    // A test that is cut off leaves nothing behind either.
    process.once("exit", network.atExit);
    try {
      network.build();
    } catch (error) {
      network.remove();
      throw error;
    }
    return network;
  }

  /** The address at which the world sees a person. */
  routerOf(person: Person): string {
    return this.routers[person].address;
  }

  /**
   * Drops what passes a person's router, in both directions and without a word: all of it, or only what goes between
   * them and the other person.
   */
  cut(person: Person, from?: Person): void {
    const router = this.routers[person];
    if (from === undefined) {
      router.exec("nft", "add", "rule", "ip", "hearth", "cuts", "drop");
      return;
    }
    // Behind the router's own translation: addresses of the outside are the other router's.
    for (const side of ["saddr", "daddr"]) {
      router.exec("nft", "add", "rule", "ip", "hearth", "cuts", "ip", side, PEOPLE[from].router, "drop");
    }
  }

  /** Takes back every cut at a person's router. Connections that were there go on. */
  restore(person: Person): void {
    this.routers[person].exec("nft", "flush", "chain", "ip", "hearth", "cuts");
  }

  /** Pulls the cable out of a person's own machine: it has no address and no way any more, and knows it. */
  unplug(person: Person): void {
    this[person].exec("ip", "link", "set", "lan", "down");
  }

  /** Puts the cable back in, with the same address. */
  plug(person: Person): void {
    this[person].exec("ip", "link", "set", "lan", "up");
    this[person].exec("ip", "route", "replace", "default", "via", PEOPLE[person].gateway);
  }

  /** Ends what still runs inside and takes everything down. Can be called again. */
  remove(): void {
    if (!this.isThere) return;
    this.isThere = false;
    process.off("exit", this.atExit);
    removeNamespaces(this.name(""));
  }

  private build(): void {
    const net = this.name("net");
    this.add(net);
    run("ip", ["-n", net, "link", "add", "public", "type", "bridge"]);
    run("ip", ["-n", net, "link", "set", "public", "up"]);
    this.add(this.server.namespace);
    this.connect(net, "server", this.server.namespace, "wan", `${SERVER_ADDRESS}/24`);
    for (const person of ["alice", "bob"] as const) this.addPerson(net, person);
  }

  private addPerson(net: string, person: Person): void {
    const { router, gateway, address } = PEOPLE[person];
    const [box, host] = [this.routers[person], this[person]];
    this.add(box.namespace);
    this.add(host.namespace);
    this.connect(net, person, box.namespace, "wan", `${router}/24`);
    this.link(box.namespace, "lan", host.namespace, "lan");
    this.addressed(box.namespace, "lan", `${gateway}/24`);
    this.addressed(host.namespace, "lan", `${address}/24`);
    run("ip", ["-n", host.namespace, "route", "add", "default", "via", gateway]);
    box.exec("sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1");
    box.feed(
      `table ip hearth {
        chain translate {
          type nat hook postrouting priority srcnat; policy accept;
          oifname "wan" masquerade
        }
        chain pass {
          type filter hook forward priority filter; policy accept;
          jump cuts
          iifname "wan" ct state new drop
        }
        chain cuts {
        }
        chain receive {
          type filter hook input priority filter; policy accept;
          iifname "wan" ct state new drop
        }
      }
      `,
      "nft",
      "--file",
      "-",
    );
  }

  private add(namespace: string): void {
    run("ip", ["netns", "add", namespace]);
    run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    // Addresses of IPv6 that nobody gave would make paths that no test means.
    const off = "net.ipv6.conf.all.disable_ipv6=1";
    // A kernel without IPv6 has nothing to turn off.
    if (existsSync("/proc/sys/net/ipv6")) run("ip", ["netns", "exec", namespace, "sysctl", "--quiet", "--write", off]);
  }

  /** A line from the public net's switch to a box. */
  private connect(net: string, port: string, namespace: string, device: string, address: string): void {
    this.link(net, port, namespace, device);
    run("ip", ["-n", net, "link", "set", port, "master", "public"]);
    run("ip", ["-n", net, "link", "set", port, "up"]);
    this.addressed(namespace, device, address);
  }

  private link(left: string, leftDevice: string, right: string, rightDevice: string): void {
    const peer = ["peer", "name", rightDevice, "netns", right];
    run("ip", ["-n", left, "link", "add", leftDevice, "type", "veth", ...peer]);
  }

  private addressed(namespace: string, device: string, address: string): void {
    run("ip", ["-n", namespace, "address", "add", address, "dev", device]);
    run("ip", ["-n", namespace, "link", "set", device, "up"]);
  }
}

function namespaces(): string[] {
  const listed = spawnSync("ip", ["netns", "list"], { encoding: "utf8" });
  return (listed.stdout ?? "").split("\n").map((line) => line.split(" ")[0]);
}

/** Never throws: it runs when something else has gone wrong already. Devices go with their namespaces. */
function removeNamespaces(beginning: string): void {
  for (const namespace of namespaces().filter((name) => name.startsWith(beginning))) {
    const inside = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" });
    for (const id of (inside.stdout ?? "").split("\n").filter(Boolean)) {
      try {
        process.kill(Number(id), "SIGKILL");
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    spawnSync("ip", ["netns", "del", namespace]);
  }
}

/** What runs left behind whose process is gone. */
function removeLeftovers(): void {
  for (const namespace of namespaces()) {
    const id = new RegExp(`^${PREFIX}-(\\d+)-`).exec(namespace)?.[1];
    if (id && !existsSync(`/proc/${id}`)) removeNamespaces(`${PREFIX}-${id}-`);
  }
}
