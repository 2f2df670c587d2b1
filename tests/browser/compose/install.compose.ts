// What docs/operations/install.md has a newcomer type, typed word by word: a server at home over HTTPS, its admin, and somebody invited.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Page, expect, test } from "@playwright/test";

import { DEVICES } from "../calls/people.ts";
import { homeThatTrusts } from "../support/home.ts";
import { ownPort } from "../support/ports.ts";
import { Profile } from "../support/profile.ts";
import { PASSWORD, acceptRequest, messages, openChatWith, passRecoveryKey, say } from "../support/steps.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
const COMMAND_LIMIT_MS = 180_000;
const NAME = "nas.local";

const words = JSON.parse(process.env.HEARTH_COMPOSE ?? "[]") as string[];
/** `docker compose`, or a program of its own. */
const program = words.slice(0, words.indexOf("--project-name"));

let folder = "";
let profiles: Profile[] = [];
/** What is typed goes to a shell in the folder, which finds `docker compose` whatever it is called here. */
let type: (command: string) => Promise<string>;

test.afterEach(async () => {
  for (const profile of profiles) await profile.remove();
  await type("docker compose down --volumes");
  await rm(folder, { recursive: true, force: true });
});

/** The blocks of the page that a shell is given, in order. */
async function blocks(): Promise<string[]> {
  const page = await readFile(join(ROOT, "docs/operations/install.md"), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block ?? "");
}

/** A folder as a clone has it. Only the ports of this machine are not taken: they may be somebody's. */
async function newcomer(https: number, http: number): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "hearth-install-"));
  const files = (await readdir(ROOT)).filter((name) => /^docker-compose.*\.yml$/.test(name));
  for (const file of files) await copyFile(join(ROOT, file), join(folder, file));
  const ports = [`127.0.0.1:${https}:443`, `127.0.0.1:${http}:80`, `127.0.0.1:${await ownPort()}:3478/udp`];
  await writeFile(join(folder, "ports.yml"), `services:\n  hearth:\n    ports: !override\n${ports.map((port) => `      - "${port}"\n`).join("")}`);
  const [docker] = (await run("sh", ["-c", "command -v docker"])).stdout.split("\n");
  const own = join(folder, "bin");
  await mkdir(own);
  await writeFile(join(own, "docker"), `#!/bin/sh\nif [ "$1" = compose ]; then shift; exec ${program.join(" ").replace(/^docker /, `${docker} `)} "$@"; fi\nexec ${docker} "$@"\n`);
  await chmod(join(own, "docker"), 0o755);
  const clean = Object.entries(process.env).filter(([name]) => !/^(HEARTH|COMPOSE)_/.test(name) || name === "HEARTH_IMAGE");
  const env = { ...Object.fromEntries(clean), PATH: `${own}:${process.env.PATH}`, COMPOSE_FILE: "docker-compose.yml:docker-compose.lan.yml:ports.yml" };
  type = async (command) => (await run("sh", ["-ec", command], { cwd: folder, env, timeout: COMMAND_LIMIT_MS })).stdout;
}

/** Opens a link in a browser of its own that trusts the root, and signs up. */
async function signUpBy(link: string, username: string, home: string, https: number): Promise<Page> {
  const args = ["--no-sandbox", ...DEVICES, `--host-resolver-rules=MAP ${NAME}:443 127.0.0.1:${https}`];
  const profile = await Profile.create({ args, env: { ...process.env, HOME: home } as Record<string, string> });
  profiles.push(profile);
  const page = await profile.open(link);
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  await page.getByRole("textbox", { name: "Email" }).fill(`${username}@example.org`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await passRecoveryKey(page);
  return page;
}

test("who types what the page says has a server at home, and somebody invited talks over HTTPS", async () => {
  const [https, http] = [await ownPort(), await ownPort()];
  await newcomer(https, http);
  const typed = await blocks();
  const [, atHome, up, logs, invite, doctor] = typed;
  expect(typed).toHaveLength(6);
  const began = Date.now();

  await type(atHome ?? "");
  expect(await readFile(join(folder, ".env"), "utf8")).toContain(NAME);
  await type(up ?? "");
  const link = async () => new RegExp(`https://${NAME}/#/join/\\S+`).exec(await type(logs ?? ""))?.[0];
  await expect.poll(link).toBeDefined();
  // The page for devices hands out the root that they are to trust.
  let root = "";
  await expect(async () => {
    const answer = await fetch(`http://127.0.0.1:${http}/hearth-root.crt`);
    expect(answer.status).toBe(200);
    root = await answer.text();
  }).toPass();
  const home = await homeThatTrusts(root, folder);
  const admin = await signUpBy((await link()) ?? "", "alice", home, https);
  const invited = new RegExp(`https://${NAME}/#/join/\\S+`).exec(await type(invite ?? ""))?.[0] ?? "";
  const grandma = await signUpBy(invited, "grandma", home, https);
  await openChatWith(admin, "grandma");
  await acceptRequest(grandma, "alice");
  await say(grandma, "How nice!");
  await expect(messages(admin).getByText("How nice!", { exact: true })).toBeVisible();
  expect(await admin.evaluate(() => [location.origin, window.isSecureContext])).toEqual([`https://${NAME}`, true]);
  console.log(`from the first command to the first message: ${Math.round((Date.now() - began) / 1_000)} s, ${typed.join("").split(/\s+/).length} words typed`);

  // What it finds depends on the machine: it may warn, and says how many did.
  expect(await type(`${doctor?.trim()} || true`)).toContain("log");
});
