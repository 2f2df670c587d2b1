// What calls leave behind: the memory of two pages before and after many of them. `npm run bench`; `HEARTH_BENCH_CALLS` says how many.
import { type CDPSession, expect, test } from "@playwright/test";

import { pairForAll } from "../calls/pair.ts";
import { type Person, talk } from "../calls/people.ts";

const CALLS = Number(process.env.HEARTH_BENCH_CALLS ?? 200);
/** The first calls load what is loaded late and fill what is kept, within its bounds. */
const WARM_UP = 10;
const EVERY = 10;
/** The bound: by how much the heap may have grown in the end. */
const MAX_GROWTH = 1.1;

/** What a page holds after its garbage was collected: bytes of JavaScript, bytes of the program's own memory, and numbers of things. */
interface Held {
  js: number;
  wasm: number;
  nodes: number;
  listeners: number;
  connections: number;
}

let alice: Person;
let bob: Person;

pairForAll((_, ...pair) => {
  [alice, bob] = pair;
});

async function held(person: Person, session: CDPSession): Promise<Held> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
  // All connections that are still there, whoever holds them. The page's own list of them, which is for tests, is emptied first.
  await person.page.evaluate(() => void ((window as unknown as { connections: unknown[] }).connections.length = 0));
  await session.send("HeapProfiler.collectGarbage");
  // What the page makes are of a class of the tests' own, below the browser's.
  const { result } = await session.send("Runtime.evaluate", { expression: "Object.getPrototypeOf(RTCPeerConnection.prototype)" });
  const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: result.objectId!, objectGroup: "bench" });
  const { result: count } = await session.send("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration: "function () { return this.length; }" });
  await session.send("Runtime.releaseObjectGroup", { objectGroup: "bench" });
  const wasm = await person.page.evaluate(() => (window as unknown as { memories: WebAssembly.Memory[] }).memories.reduce((sum, one) => sum + one.buffer.byteLength, 0));
  return { js: usedSize, wasm, nodes, listeners: jsEventListeners, connections: Number(count.value) };
}

/** Runs in the page before anything else: keeps the program's memory, to be asked how large it is. */
function watchMemory(): void {
  const page = window as unknown as { memories: WebAssembly.Memory[] };
  page.memories = [];
  for (const name of ["instantiate", "instantiateStreaming"] as const) {
    const real = WebAssembly[name] as (...args: unknown[]) => Promise<WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance>;
    (WebAssembly as unknown as Record<string, unknown>)[name] = async (...args: unknown[]) => {
      const made = await real.apply(WebAssembly, args);
      const { exports } = made instanceof WebAssembly.Instance ? made : made.instance;
      for (const one of Object.values(exports)) if (one instanceof WebAssembly.Memory && !page.memories.includes(one)) page.memories.push(one);
      return made;
    };
  }
}

test(`${CALLS} calls leave nothing behind`, async () => {
  for (const person of [alice, bob]) {
    await person.page.addInitScript(watchMemory);
    await person.page.reload();
    await person.page.getByRole("list", { name: "Chats" }).getByRole("button", { name: person === alice ? "Bob" : "Alice" }).click();
  }
  const sessions = new Map<Person, CDPSession>();
  for (const person of [alice, bob]) sessions.set(person, await person.page.context().newCDPSession(person.page));
  const look = async (done: number): Promise<Held[]> => {
    const found = await Promise.all([alice, bob].map((person) => held(person, sessions.get(person)!)));
    for (const [index, one] of found.entries()) {
      const mib = (bytes: number) => (bytes / 1_048_576).toFixed(1);
      console.log(`${done} calls, ${index ? "called" : "caller"}: JS ${mib(one.js)} MiB, wasm ${mib(one.wasm)} MiB, ${one.nodes} nodes, ${one.listeners} listeners, ${one.connections} connections`);
    }
    return found;
  };
  let before: Held[] = [];
  for (let done = 1; done <= WARM_UP + CALLS; done += 1) {
    await talk(alice, bob, done % 2 ? "voice" : "video");
    await alice.hangUp();
    await Promise.all([alice.quiet(), bob.quiet()]);
    if (done === WARM_UP) before = await look(0);
    else if (done > WARM_UP && (done - WARM_UP) % EVERY === 0) await look(done - WARM_UP);
  }
  const after = await look(CALLS);
  for (const [index, one] of after.entries()) {
    expect(one.connections, "connections that are still held").toBeLessThanOrEqual(before[index].connections);
    expect(one.js / before[index].js, "JavaScript heap").toBeLessThan(MAX_GROWTH);
  }
});
