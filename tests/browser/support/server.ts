// The real server on a free port with an empty data folder, started and stopped by the tests themselves.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const READY_WITHIN_MS = 30_000;

export interface Server {
  url: string;
  /** Everything it has printed so far. */
  output(): string;
  data: string;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });
}

export async function startServer(): Promise<Server> {
  const program = process.env.HEARTH_BIN;
  if (!program) throw new Error("HEARTH_BIN must name the server program");
  const data = await mkdtemp(join(tmpdir(), "hearth-browser-"));
  const port = await freePort();
  const child = spawn(program, ["serve", "--listen", `127.0.0.1:${port}`, "--data", data], {
    env: { ...process.env, HEARTH_REGISTRATION: "open", HEARTH_RATE_LIMITS: "off", HEARTH_SERVER_NAME: "hearth.test" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server was not ready in time:\n${printed}`)), READY_WITHIN_MS);
    const read = (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes("listening on")) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${printed}`)));
  });
  await ready;
  return {
    url: `http://127.0.0.1:${port}`,
    data,
    output: () => printed,
    stop: async () => {
      child.kill("SIGTERM");
      await ended(child);
      await rm(data, { recursive: true, force: true });
    },
  };
}
