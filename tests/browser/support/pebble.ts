// Pebble: a real authority that gives certificates by ACME, with the names that it believes in, on this machine alone; and
// browsers that trust it.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { homeThatTrusts } from "./home.ts";
import { ownPort } from "./ports.ts";

const run = promisify(execFile);

export interface Pebble {
  /** Where a server orders certificates, and the file with what it trusts in that. */
  directory: string;
  trusted: string;
  /** The root of what it issues, in PEM; once it answers. */
  root(): Promise<string>;
  /** A home folder for a browser whose person trusts this root. */
  home(root: string): Promise<string>;
  stop(): Promise<void>;
}

/** What a server on this machine answers to whoever trusts `ca`, asked by a name. */
export function ask(options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", timeout: 5_000, agent: false, ...options }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
      answer.on("end", () => resolve(body));
    });
    asking.on("timeout", () => asking.destroy(new Error("no answer")));
    asking.on("error", reject);
    asking.end();
  });
}

/** Starts an authority that looks for every domain on these ports of this machine. */
export async function startPebble(https: number, http: number): Promise<Pebble> {
  const program = process.env.HEARTH_PEBBLE;
  if (!program) throw new Error("HEARTH_PEBBLE must name the program pebble");
  const folder = await mkdtemp(join(tmpdir(), "hearth-pebble-"));
  const [chain, key, config] = ["own.pem", "own-key.pem", "pebble.json"].map((name) => join(folder, name));
  // How it shows itself to servers that order; what it issues has a root of its own.
  const own = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  await run("openssl", [...own, "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", chain]);
  const [listen, management, dns, names] = [await ownPort(), await ownPort(), await ownPort(), await ownPort()];
  const settings = {
    listenAddress: `127.0.0.1:${listen}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: chain,
    privateKey: key,
    httpPort: http,
    tlsPort: https,
    ocspResponderURL: "",
    externalAccountBindingRequired: false,
  };
  await writeFile(config, JSON.stringify({ pebble: settings }));
  const quiet = { stdio: "ignore" as const };
  const processes: ChildProcess[] = [
    spawn(join(dirname(program), "pebble-challtestsrv"), ["-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${names}`, "-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""], quiet),
    spawn(program, ["-config", config, "-dnsserver", `127.0.0.1:${dns}`], { ...quiet, env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" } }),
  ];
  return {
    directory: `https://localhost:${listen}/dir`,
    trusted: chain,
    root: async () => ask({ port: management, path: "/roots/0", servername: "localhost", ca: await readFile(chain) }),
    home: (root) => homeThatTrusts(root, folder),
    stop: async () => {
      for (const one of processes) one.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
