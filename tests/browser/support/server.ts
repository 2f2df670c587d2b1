// The real server on a port of its own with an empty data folder, started and stopped by the tests themselves.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { ownPort } from "./ports.ts";

const READY_WITHIN_MS = 30_000;

export interface Server {
  url: string;
  /** The data folder. */
  data: string;
  /** What the server has printed so far. */
  printed(): string;
  /** Where the server has `text`: files of its data folder, its export, what it has printed. */
  placesOf(text: string): Promise<string[]>;
  /** Runs a command of the program on its data folder, and returns what it prints. */
  command(...words: string[]): Promise<string>;
  /** Ends the server without a warning, as a loss of power does. Its data stays. */
  kill(): Promise<void>;
  /** Starts the killed server anew, at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}

/** Where and how a server runs that is not an ordinary one on this machine. */
export interface ServerOptions {
  /** Words in front of the command, such as those that run it on another host. */
  prefix?: string[];
  /** Address and port for HTTP. */
  listen?: string;
  /** Variables on top of those that all tests have. */
  settings?: Record<string, string>;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const program = process.env.HEARTH_BIN;
  if (!program) throw new Error("HEARTH_BIN must name the server program");
  const data = await mkdtemp(join(tmpdir(), "hearth-browser-"));
  let printed = "";
  const start = async (listen: string): Promise<{ child: ChildProcess; url: string }> => {
    const [command, ...args] = [...(options.prefix ?? []), program, "serve", "--listen", listen, "--data", data];
    const child = spawn(command, args, {
      env: {
        ...process.env,
        HEARTH_REGISTRATION: "open",
        HEARTH_RATE_LIMITS: "off",
        HEARTH_SERVER_NAME: "hearth.test",
        HEARTH_STUN_LISTEN: "127.0.0.1:0",
        ...options.settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const began = printed.length;
    const ready = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`the server was not ready in time:\n${printed}`));
      }, READY_WITHIN_MS);
      const read = (chunk: Buffer) => {
        printed += chunk.toString();
        const address = /listening on (http:\/\/\S+)/.exec(printed.slice(began))?.[1];
        if (address) {
          clearTimeout(timer);
          resolve(address);
        }
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${printed}`)));
    });
    return { child, url: await ready };
  };
  const first = await start(options.listen ?? `127.0.0.1:${await ownPort()}`);
  const { url } = first;
  let { child } = first;
  return {
    url,
    data,
    printed: () => printed,
    placesOf: async (text) => {
      const places = printed.includes(text) ? ["output"] : [];
      for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        // The running server may take a file away between the listing and the reading.
        const bytes = await readFile(path).catch(() => Buffer.alloc(0));
        if (bytes.includes(text)) places.push(path);
      }
      const exported = await promisify(execFile)(program, ["log", "export", "--data", data], { maxBuffer: 1 << 28 });
      return exported.stdout.includes(text) ? [...places, "export"] : places;
    },
    command: async (...words) => (await promisify(execFile)(program, [...words, "--data", data])).stdout,
    kill: async () => {
      child.kill("SIGKILL");
      await ended(child);
    },
    restart: async () => {
      ({ child } = await start(new URL(url).host));
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended(child);
      await rm(data, { recursive: true, force: true });
    },
  };
}
