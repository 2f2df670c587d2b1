// Alice and Bob: a server and two browsers with a chat between them, for all tests of a file.
import { test } from "@playwright/test";

import { type Server, startServer } from "../support/server.ts";
import { type Options, type Person, two } from "./people.ts";

/** Starts them before the tests and hands them over; after each test nothing of a call is left, after all nothing at all. */
export function pairForAll(take: (server: Server, alice: Person, bob: Person) => void, options?: [Options, Options]): void {
  let server: Server | undefined;
  let people: Person[] = [];

  test.beforeAll(async () => {
    server = await startServer();
    const [alice, bob] = await two(server, options);
    people = [alice, bob];
    take(server, alice, bob);
  });

  test.afterEach(async () => {
    for (const person of people) {
      const hangUp = person.button("Hang up");
      if (await hangUp.isVisible()) await hangUp.click({ timeout: 10_000 }).catch(() => undefined);
    }
    await Promise.all(people.map((person) => person.quiet()));
  });

  test.afterAll(async () => {
    for (const person of people) await person.leave();
    await server?.stop();
  });
}
