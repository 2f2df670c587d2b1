// What one call after another leaves in both pages: the scripts' heap after a collection, the document's nodes, listeners, the
// program's own memory, and connections. Prints figures and asserts none.
import { type Page, test } from "@playwright/test";

import { type Person, talk, two } from "../calls/people.ts";
import { heldBy } from "../support/heap.ts";
import { startServer } from "../support/server.ts";
import { openListedChat } from "../support/steps.ts";

const CALLS = Number(process.env["BENCH_CALLS"] ?? 200);
/** After how many calls to look. */
const LOOKS = [20, 60, 100, 150, 200];
/** What a request holds until its last deadline is gone by then, however fast the calls came. */
const REST_MS = 330_000;

interface Memory {
  heapMb: number;
  nodes: number;
  listeners: number;
  /** The memory of the program, which is in none of the others. */
  programMb: number;
  /** Connections that are not closed, and those that are but were not collected. */
  open: number;
  kept: number;
}

interface Watching {
  connections: RTCPeerConnection[];
  shown: unknown[];
  gone?: WeakRef<RTCPeerConnection>[];
  programs: { memory: WebAssembly.Memory }[];
}

/** Runs in the page before anything else: keeps the programs that it starts, to be asked for their memory. */
function watchPrograms(): void {
  const { programs } = Object.assign(window as unknown as Watching, { programs: [] });
  const note = (source: WebAssembly.WebAssemblyInstantiatedSource): WebAssembly.WebAssemblyInstantiatedSource => {
    const { memory } = source.instance.exports;
    if (memory instanceof WebAssembly.Memory) programs.push({ memory });
    return source;
  };
  const begin = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (...of) => note(await begin(...of));
}

/** Lets go of what the tests themselves keep of each call in the page. */
function forget(page: Page): Promise<void> {
  return page.evaluate(() => {
    const watching = window as unknown as Watching;
    watching.shown.splice(0);
    watching.gone ??= [];
    for (const one of watching.connections.splice(0)) {
      if (one.signalingState === "closed") watching.gone.push(new WeakRef(one));
      else watching.connections.push(one);
    }
  });
}

async function memory(page: Page): Promise<Memory> {
  await forget(page);
  const of = await heldBy(page);
  const counted = await page.evaluate(() => {
    const { connections, gone = [], programs } = window as unknown as Watching;
    const bytes = programs.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
    return { programMb: bytes / 2 ** 20, open: connections.length, kept: gone.filter((one) => one.deref()).length };
  });
  return { heapMb: of("JSHeapUsedSize") / 2 ** 20, nodes: of("Nodes"), listeners: of("JSEventListeners"), ...counted };
}

const words = ({ heapMb, nodes, listeners, programMb, open, kept }: Memory): string =>
  `heap ${heapMb.toFixed(2)} MiB, ${nodes} nodes, ${listeners} listeners, program ${programMb.toFixed(1)} MiB, connections ${open} open, ${kept} closed and kept`;

test("call after call", async () => {
  const server = await startServer();
  const people: Person[] = [];
  try {
    const [alice, bob] = await two(server);
    people.push(alice, bob);
    for (const { name, page } of people) {
      // One that is late on a busy machine does not end a run of many minutes.
      page.setDefaultTimeout(120_000);
      await page.addInitScript(watchPrograms);
      await page.reload();
      await openListedChat(page, name === "Alice" ? "Bob" : "Alice");
    }
    const settle = async (name: string): Promise<void> => {
      for (const person of [alice, bob]) {
        // Away from the chat, whose rows are not what calls leave.
        await person.button("Settings").click();
        await person.page.waitForTimeout(2_000);
        console.log(`${name}, ${person.name}: ${words(await memory(person.page))}`);
        await openListedChat(person.page, person === alice ? "Bob" : "Alice");
      }
    };
    await settle("before");
    for (let at = 1; at <= CALLS; at += 1) {
      const [caller, called] = at % 2 ? [alice, bob] : [bob, alice];
      await talk(caller, called);
      await (at % 4 < 2 ? caller : called).hangUp();
      await Promise.all([caller.quiet(), called.quiet()]);
      for (const { page } of [alice, bob]) await forget(page);
      if (LOOKS.includes(at) || at === CALLS) await settle(`after ${at}`);
    }
    await alice.page.waitForTimeout(REST_MS);
    await settle("after a rest");
  } finally {
    for (const person of people) await person.leave();
    await server.stop();
  }
});
