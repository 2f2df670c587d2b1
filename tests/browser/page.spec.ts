// The page itself: it paints before the program, keeps what was typed, keeps the chosen colours, and works in one tab
// at a time.
import { expect, test } from "@playwright/test";

import { holdBack } from "./support/gate.ts";
import { Profile } from "./support/profile.ts";
import { isPainted, programIsThere } from "./support/rest.ts";
import { type Server, startServer } from "./support/server.ts";
import { PASSWORD, passRecoveryKey, signUp } from "./support/steps.ts";

let server: Server;
let profile: Profile;

test.beforeAll(async () => {
  server = await startServer();
});

test.afterAll(async () => {
  await server.stop();
});

test.beforeEach(async () => {
  profile = await Profile.create();
});

test.afterEach(async () => {
  await profile.remove();
});

test("the sign-in form paints before the program, and what was typed survives its arrival", async () => {
  const page = await profile.open("about:blank");
  const release = await holdBack(page, "**/*.wasm");
  await page.goto(server.url, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("early@example.org");
  await page.getByRole("textbox", { name: "Username" }).fill("earlybird");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  release();
  // The program's own form has what the static one has not: the password's strength.
  await expect(page.getByText("Password strength:")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue("early@example.org");
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue("earlybird");
  await expect(page.getByRole("textbox", { name: "Password" })).toBeFocused();
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByRole("heading", { name: "Save your recovery key" })).toBeVisible();
});

test("what is typed while the form for a new account is still on its way is kept whole", async () => {
  const page = await profile.open("about:blank");
  const release = await holdBack(page, "**/split_more.wasm");
  const program = await holdBack(page, "**/hearth-web_bg.wasm");
  await page.goto(server.url, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Create an account" }).click();
  const email = page.getByRole("textbox", { name: "Email" });
  await email.pressSequentially("early");
  const asked = page.waitForRequest("**/split_more.wasm");
  program();
  await asked;
  await page.keyboard.type("bird@example.org");
  release();
  await expect(page.locator("#boot")).toHaveCount(0);
  await expect(email).toHaveValue("earlybird@example.org");
  await expect(email).toBeFocused();
  await expect(page.getByRole("textbox", { name: "Username" })).toHaveValue("earlybird");
});

test("a program that cannot be loaded says so, whatever is pressed then", async () => {
  const page = await profile.open("about:blank");
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(server.url);
  const words = page.getByText("Hearth could not be loaded.").filter({ visible: true });
  await expect(words).toBeVisible();
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(words).toBeVisible();
  await expect(page.getByText("still loading…")).toHaveCount(0);
});

test("the chosen colours are kept and there from the first paint", async () => {
  const page = await profile.open(server.url);
  await signUp(page, "colours");
  await passRecoveryKey(page);
  await page.getByRole("button", { name: "Settings" }).click();
  const side = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  const light = await side();
  await page.getByRole("radio", { name: "Dark" }).check();
  const dark = await side();
  expect(dark).not.toEqual(light);
  await page.reload({ waitUntil: "commit" });
  await isPainted(page);
  expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
  expect(await side()).toEqual(dark);
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await page.getByRole("radio", { name: "System" }).check();
  expect(await side()).toEqual(light);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await side()).toEqual(dark);
});

test("one tab at a time, and the lead can be taken over", async () => {
  const first = await profile.open(server.url);
  await signUp(first, "tabs");
  await passRecoveryKey(first);
  const second = await first.context().newPage();
  await second.goto(server.url);
  await second.getByRole("button", { name: "Use it here" }).click();
  await expect(second.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  await expect(first.getByRole("heading", { name: "Hearth is open in another tab" })).toBeVisible();
});

test("sign-up says what is wrong, in words", async () => {
  const page = await profile.open(server.url);
  await programIsThere(page);
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("not an address");
  await page.getByRole("textbox", { name: "Password" }).fill("short");
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByText("That doesn’t look like an email address.")).toBeVisible();
  await expect(page.getByText("Use at least 8 characters.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Email" })).toBeFocused();
});

test("whoever does not wait for the recovery key is reminded of it, not interrupted", async () => {
  const page = await profile.open(server.url);
  const makeNow = await holdBack(page, "**/room_keys/version");
  await signUp(page, "alice");
  await expect(page.getByText("Making your key…")).toBeVisible();
  await page.getByRole("button", { name: "Skip for now" }).click();
  await expect(page.getByRole("searchbox", { name: "Find chats and people" })).toBeVisible();
  makeNow();
  // The reminder leads to a key, which nothing takes the place of.
  await expect(page.getByText("Your recovery key isn’t saved yet.")).toBeVisible();
  await page.getByRole("button", { name: "Save it" }).click();
  await page.getByRole("button", { name: "Make a new key" }).click();
  await expect(page.getByRole("textbox", { name: "Recovery key" })).toHaveText(/\w{4}/);
  await expect(page.getByRole("heading", { name: "Save your recovery key" })).toHaveCount(0);
});

test("a program that trapped says so, whatever it was doing, and a reload goes on", async () => {
  const page = await profile.open(server.url);
  await signUp(page, "trapped");
  await passRecoveryKey(page);
  // A module whose only function is `unreachable`, called as the program is called: by an event, and by a promise.
  const trap = async (way: "event" | "promise") =>
    page.evaluate(async (way) => {
      const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
      const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes));
      const call = instance.exports["f"] as () => void;
      if (way === "event") setTimeout(call);
      else void Promise.resolve().then(call);
    }, way);
  const broken = page.getByRole("alertdialog", { name: "Something broke" });
  for (const way of ["event", "promise"] as const) {
    await trap(way);
    await expect(broken).toBeVisible();
    for (let i = 0; i < 3; i++) await page.keyboard.press("Escape");
    await expect(broken).toBeVisible();
    // Nothing behind it can be pressed.
    await expect(page.getByRole("button", { name: "Settings" }).click({ trial: true, timeout: 1_000 })).rejects.toThrow();
    await broken.getByRole("button", { name: "Reload" }).click();
    await expect(page.getByRole("button", { name: "Settings" })).toBeVisible();
    await expect(broken).toBeHidden();
  }
  // What other code in the page throws is no reason to stop.
  await page.evaluate(() => setTimeout(() => { throw new Error("not the program"); }));
  await page.waitForTimeout(200);
  await expect(broken).toBeHidden();
});

test("nothing runs or styles in the page but what was built into it", async () => {
  const page = await profile.open(server.url);
  await signUp(page, "guarded");
  const tried = await page.evaluate(async () => {
    const marks: Record<string, unknown> = {};
    const put = (html: string) => document.body.appendChild(document.createRange().createContextualFragment(html));
    put("<script>window.ranInline = true</script>");
    put('<img src="data:," onerror="window.ranHandler = true">');
    put('<p id="styled" style="color: rgb(1, 2, 3)">styled</p><style>#styled { opacity: 0.5 }</style>');
    put('<iframe srcdoc="<script>parent.ranFrame = true</script>"></iframe>');
    put('<script src="https://elsewhere.invalid/a.js"></script>');
    const happens = (selector: string, event: string) =>
      new Promise((done) => document.querySelector(selector)!.addEventListener(event, done, { once: true }));
    await Promise.all([happens("iframe", "load"), happens('script[src*="elsewhere"]', "error")]);
    await new Promise((done) => setTimeout(done, 500));
    for (const name of ["ranInline", "ranHandler", "ranFrame"]) marks[name] = (window as unknown as Record<string, unknown>)[name];
    const style = getComputedStyle(document.getElementById("styled")!);
    return { ...marks, color: style.color === "rgb(1, 2, 3)", opacity: style.opacity };
  });
  expect(tried).toEqual({ ranInline: undefined, ranHandler: undefined, ranFrame: undefined, color: false, opacity: "1" });
  const headers = (await page.request.get(server.url)).headers();
  expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
  expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  expect(headers["permissions-policy"]).toContain("geolocation=()");
  // These refusals were asked for.
  profile.complaints.length = 0;
});
