// A domain: the server has its certificate from an authority, and browsers that trust that one sign up, talk and call over it.
import { expect, test } from "@playwright/test";

import { type Pebble, ask, startPebble } from "../support/pebble.ts";
import { ownPort } from "../support/ports.ts";
import { Profile } from "../support/profile.ts";
import { type Server, startServer } from "../support/server.ts";
import { DEVICES, type Person, row, talk, two } from "./people.ts";

const DOMAIN = "chat.example.org";
const RESOLVED = `--host-resolver-rules=MAP ${DOMAIN} 127.0.0.1`;

let pebble: Pebble;
let server: Server;
let people: Person[] = [];

test.afterEach(async () => {
  for (const person of people) await person.leave();
  await server?.stop();
  await pebble?.stop();
});

test("two people sign up, talk and call over HTTPS by a certificate that the server was given", async () => {
  const [https, http] = [await ownPort(), await ownPort()];
  pebble = await startPebble(https, http);
  const settings = {
    HEARTH_DOMAIN: DOMAIN,
    HEARTH_ADMIN_EMAIL: "admin@example.org",
    HEARTH_ACME_DIRECTORY: pebble.directory,
    HEARTH_ACME_ROOT: pebble.trusted,
    HEARTH_HTTPS_LISTEN: `127.0.0.1:${https}`,
    HEARTH_HTTPS_REDIRECT_LISTEN: `127.0.0.1:${http}`,
  };
  let root = "";
  await expect(async () => void (root = await pebble.root())).toPass();
  server = await startServer({ settings });
  // It orders its first certificate when it serves already.
  await expect(async () => expect(await ask({ port: https, path: "/_matrix/client/versions", servername: DOMAIN, ca: root })).toContain("versions")).toPass();

  const url = `https://${DOMAIN}:${https}`;
  const stranger = await Profile.create({ args: ["--no-sandbox", RESOLVED] });
  await expect(stranger.open(url)).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
  await stranger.remove();

  const trusting = async () => ({ args: [...DEVICES, RESOLVED], env: { ...process.env, HOME: await pebble.home(root) } as Record<string, string> });
  people = await two({ ...server, url }, [await trusting(), await trusting()]);
  const [alice, bob] = people as [Person, Person];
  expect(await alice.page.evaluate(() => [location.protocol, window.isSecureContext])).toEqual(["https:", true]);
  await talk(alice, bob, "video");
  await Promise.all([alice.sees(), bob.sees(), alice.hears(2), bob.hears(2)]);
  await Promise.all([alice.isDirect(), bob.isDirect()]);
  await alice.hangUp();
  await bob.reads("Alice hung up.");
  await expect(row(bob)).toHaveText(/^Video call · \d+ s/);
});
