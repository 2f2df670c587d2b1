// A household on the image: they talk and call, the service goes down and comes back, and is updated in place.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, test } from "@playwright/test";

import { type Person, row, talk, two } from "../calls/people.ts";
import { tell } from "../support/pair.ts";
import { messages } from "../support/steps.ts";

const run = promisify(execFile);
const COMMAND_LIMIT_MS = 180_000;

const [program = "docker", ...words] = JSON.parse(process.env.HEARTH_COMPOSE ?? "[]") as string[];
const newer = process.env.HEARTH_NEWER_IMAGE ?? "";
const url = `http://localhost:${process.env.HEARTH_PORT}`;

let people: Person[] = [];

async function compose(command: string[], settings: Record<string, string> = {}): Promise<string> {
  const env = { ...process.env, ...settings };
  return (await run(program, [...words, ...command], { env, timeout: COMMAND_LIMIT_MS })).stdout.trim();
}

/** Starts the service, or puts another container in its place, and waits until everybody is served. */
async function up(settings?: Record<string, string>): Promise<void> {
  await compose(["up", "--detach", "--no-build"], settings);
  await expect(async () => expect((await fetch(`${url}/health`)).status).toBe(200)).toPass();
}

/** The image that the service runs. */
async function image(): Promise<string> {
  const container = await compose(["ps", "--quiet", "hearth"]);
  return (await run("docker", ["inspect", "--format", "{{.Image}}", container])).stdout.trim();
}

test.afterEach(async () => {
  for (const person of people) await person.leave();
  await compose(["down"]);
});

test("two people talk and call, and all of it is there after down and up, and after an update", async () => {
  await up();
  people = await two({ url });
  const [alice, bob] = people as [Person, Person];
  const [ofAlice, ofBob] = [alice.page, bob.page];
  const said: string[] = [];
  const say = async (from: typeof ofAlice, to: typeof ofAlice, text: string) => {
    await tell(from, to, text);
    said.push(text);
  };
  const isAllThere = async () => {
    for (const page of [ofAlice, ofBob]) {
      await page.reload();
      for (const text of said) await expect(messages(page).getByText(text, { exact: true })).toBeVisible();
    }
    for (const person of [alice, bob]) await expect(row(person)).toHaveText(/^Voice call · \d+ s/);
  };
  await say(ofAlice, ofBob, "Is the stove on?");
  await say(ofBob, ofAlice, "It is.");
  await talk(alice, bob);
  await Promise.all([alice.hears(2), bob.hears(2)]);
  await Promise.all([alice.isDirect(), bob.isDirect()]);
  await alice.hangUp();
  await bob.reads("Alice hung up.");

  await compose(["down"]);
  await expect(ofAlice.getByText("You’re offline.")).toBeVisible();
  await up();
  await say(ofBob, ofAlice, "There you are again.");
  await isAllThere();

  const before = await image();
  await up({ HEARTH_IMAGE: newer });
  expect(await image()).not.toBe(before);
  await say(ofAlice, ofBob, "On the newer one.");
  await isAllThere();
  await talk(bob, alice);
  await bob.hangUp();
  await alice.reads("Bob hung up.");
});
