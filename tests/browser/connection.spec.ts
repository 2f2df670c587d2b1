// A server that is away, and what stands in front of one: how often it is asked, what is shown, what is kept.
import { type Page, expect, test } from "@playwright/test";

import { holdBack } from "./support/gate.ts";
import { Profile } from "./support/profile.ts";
import { type Proxy, startProxy } from "./support/proxy.ts";
import { programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, acceptRequest, messages, openChatWith, passRecoveryKey, say, signUp, texts } from "./support/steps.ts";

let server: Server;
let proxy: Proxy;
let alice: Profile;

test.beforeEach(async () => {
  server = await startServer();
  proxy = await startProxy(server.url);
  alice = await Profile.create();
});

test.afterEach(async () => {
  await alice.remove();
  await proxy.stop();
  await server.stop();
});

/** Signs up, and waits until the browser could start the program without a network. */
async function enter(url: string): Promise<Page> {
  const page = await alice.open(url);
  await signUp(page, "alice", "Alice");
  await passRecoveryKey(page);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe("activated");
  return page;
}

test("a server that is away for ten minutes is asked seldom, and gets what was written once and in order", async () => {
  const bob = await Profile.create();
  const page = await enter(proxy.url);
  const bobPage = await bob.open(server.url);
  await signUp(bobPage, "bob", "Bob");
  await passRecoveryKey(bobPage);
  await openChatWith(page, "bob", "Bob");
  await acceptRequest(bobPage, "Alice");
  await page.clock.install();
  await page.reload();
  await say(page, "Before");
  await expect(messages(bobPage).getByText("Before", { exact: true })).toBeVisible();

  proxy.way = "bad gateway";
  await say(page, "One");
  await say(page, "Two");
  await expect(page.getByText("You’re offline.")).toBeVisible();
  // What the person does is asked at once; from now on it is the page alone.
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/_matrix/")) asked += 1;
  });
  // A second at a time, so that what is asked in one is answered before the next.
  for (let second = 0; second < 600; second += 1) await page.clock.runFor(1_000);
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThanOrEqual(30);

  proxy.way = "pass";
  await page.clock.runFor(31_000);
  await expect(page.getByText("You’re offline.")).toHaveCount(0);
  await expect(messages(bobPage).getByText("Two", { exact: true })).toBeVisible();
  await say(page, "Three");
  await expect(messages(bobPage).getByText("Three", { exact: true })).toBeVisible();
  await expect.poll(() => texts(page)).toEqual(["Before", "One", "Two", "Three"]);
  await expect.poll(() => texts(bobPage)).toEqual(["Before", "One", "Two", "Three"]);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(messages(page).getByText(/Not sent|Waiting for the connection/)).toHaveCount(0);
  await bob.remove();
});

test("the sync says whether one is offline, whatever the browser thinks of its network", async () => {
  const page = await enter(server.url);
  await page.clock.install();
  await page.reload();
  await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  const looked = page.waitForResponse("**/_matrix/client/versions");
  await page.evaluate(() => {
    Object.defineProperty(navigator, "onLine", { value: false });
    dispatchEvent(new Event("offline"));
  });
  await looked;
  await expect(page.getByText("You’re offline.")).toHaveCount(0);
  // The same when the server does not answer any more: then it is true.
  await page.route("**/_matrix/**", (route) => route.abort());
  await page.evaluate(() => dispatchEvent(new Event("offline")));
  await expect(page.getByText("You’re offline.")).toBeVisible();
  // And at once when it answers again and the page is looked at: the pauses between its questions stand still.
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.unroute("**/_matrix/**");
  const again = page.waitForResponse("**/_matrix/client/versions");
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await again;
  await page.clock.resume();
  await expect(page.getByText("You’re offline.")).toHaveCount(0);
});

test("a network that swallows everything holds up neither the search nor the log-out", async () => {
  const page = await enter(proxy.url);
  await page.clock.install();
  await page.reload();
  await page.getByRole("button", { name: "Settings" }).click();
  proxy.way = "swallow";
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill("bob");
  await expect(async () => {
    await page.clock.runFor(5_000);
    await expect(page.getByRole("navigation").getByText(/can’t be reached|couldn’t be reached|could not be reached/i)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill("");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
  await expect(page.getByRole("button", { name: "Logging out…" })).toBeVisible();
  await expect(async () => {
    await page.clock.runFor(5_000);
    expect(await page.evaluate(() => localStorage.getItem("hearth.session"))).toBeNull();
  }).toPass({ timeout: 30_000 });
});

test("a proxy that answers itself, or swallows, never takes the place of the program", async () => {
  const page = await enter(proxy.url);
  const search = page.getByRole("searchbox", { name: "Find chats and people" });
  for (const way of ["bad gateway", "swallow"] as const) {
    proxy.way = way;
    await page.goto(proxy.url, { waitUntil: "commit" });
    await expect(search).toBeVisible();
    await expect(page.getByText("502 Bad Gateway")).toHaveCount(0);
  }
  proxy.way = "pass";
  await page.goto(proxy.url);
  await expect(search).toBeVisible();
});

test("a new version says so, and is taken by its button, or by itself when nobody looks", async () => {
  const page = await enter(proxy.url);
  const news = page.getByText("There is a new version of Hearth.");
  const loadedAs = () => page.evaluate(() => (window as unknown as { loadedAs?: string }).loadedAs).catch(() => "on its way");
  const release = (name: string) => {
    proxy.change = (path, text) => {
      if (path === "/sw.js") return text.replace(/VERSION = "/, `VERSION = "${name}-`);
      return text.replace(/page: "/, `page: "${name}-`).replace("<head>", `<head><script>window.loadedAs = "${name}";</script>`);
    };
  };
  const lookNow = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update().then(() => {}));

  release("second");
  await lookNow();
  await expect(news).toBeVisible();
  expect(await loadedAs()).toBeUndefined();
  await page.getByRole("navigation").getByRole("button", { name: "Reload" }).click();
  await expect.poll(loadedAs).toBe("second");
  await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  // The page is of that version itself, so there is nothing to say.
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting)).toBeNull();
  await expect(news).toHaveCount(0);

  // Not while something is written; when it is not, and the page is behind others, without a question.
  await page.clock.install();
  await page.reload();
  release("third");
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill("some");
  await lookNow();
  await expect(news).toBeVisible();
  // Also after it has been loaded anew: a busy worker keeps its place for a while, and then the same version comes once more.
  const hide = () => Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
  await page.addInitScript(hide);
  await page.evaluate(hide);
  await page.clock.runFor(60_000);
  expect(await loadedAs()).toBe("second");
  await page.getByRole("searchbox", { name: "Find chats and people" }).fill("");
  // It is looked at every 20 s, by a clock that may have begun late.
  await expect(async () => {
    await page.clock.runFor(21_000).catch(() => undefined);
    expect(await loadedAs()).toBe("third");
  }).toPass();
});

test("the first load says how much has come, and one that fails says that", async () => {
  const page = await alice.open("about:blank");
  const fail = await holdBack(page, "**/*.wasm", (route) => route.fulfill({ status: 502 }));
  await page.goto(server.url, { waitUntil: "commit" });
  await expect(page.getByText("Loading…")).toBeVisible();
  fail();
  const failed = page.getByText("Hearth could not be loaded.").filter({ visible: true });
  await expect(failed).toBeVisible();
  // What is pressed later does not hide it.
  await page.getByRole("textbox", { name: "Username or email" }).fill("alice");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(failed).toBeVisible();

  await page.unroute("**/*.wasm");
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const bytes = document.getElementById("boot-bytes");
      if (!bytes) return;
      const all: string[] = [];
      new MutationObserver(() => all.push(bytes.textContent ?? "")).observe(bytes, { childList: true });
      (window as unknown as { came: string[] }).came = all;
    });
  });
  await page.reload();
  await programIsThere(page);
  const came = await page.evaluate(() => (window as unknown as { came: string[] }).came);
  expect(came.length).toBeGreaterThan(1);
  const [, whole] = /^\d+\.\d of (\d+\.\d) MB$/.exec(came.at(-1) ?? "") ?? [];
  expect(came.at(-1)).toBe(`${whole} of ${whole} MB`);
});

test("search engines are kept out, and the program can be installed", async () => {
  const robots = await fetch(`${server.url}/robots.txt`);
  expect(robots.headers.get("content-type")).toContain("text/plain");
  expect(await robots.text()).toContain("Disallow: /");
  const manifest = await (await fetch(`${server.url}/assets/manifest.webmanifest`)).json();
  expect(manifest).toMatchObject({ id: "/", scope: "/", start_url: "/" });
  const page = await alice.open(server.url);
  const touch = await page.locator('link[rel="apple-touch-icon"]').getAttribute("href");
  const icons = [...manifest.icons, { src: touch, sizes: "180x180" }] as { src: string; sizes: string }[];
  for (const { src, sizes } of icons.filter(({ sizes }) => sizes !== "any")) {
    const size = await page.evaluate(async (src) => {
      const picture = await createImageBitmap(await (await fetch(src)).blob());
      return `${picture.width}x${picture.height}`;
    }, src);
    expect(size, src).toBe(sizes);
  }
});
