// What a day of messages leaves in the page: the scripts' heap after a collection, and the document's nodes. The program's own
// memory is in neither. Prints figures and asserts none.
import { type Page, test } from "@playwright/test";

import { heldBy } from "../support/heap.ts";
import { meetInOneChat, roomOf } from "../support/pair.ts";
import { composer, messages, openListedChat } from "../support/steps.ts";

/** A hundred an hour, from both. */
const MESSAGES = Number(process.env["BENCH_MESSAGES"] ?? 2_400);
const WARM = 100;

interface Memory {
  heapMb: number;
  nodes: number;
}

async function memory(page: Page): Promise<Memory> {
  const of = await heldBy(page);
  return { heapMb: of("JSHeapUsedSize") / 2 ** 20, nodes: of("Nodes") };
}

const words = ({ heapMb, nodes }: Memory): string => `heap ${heapMb.toFixed(1)} MiB, ${nodes} nodes`;

test("a day of messages", async () => {
  const pair = await meetInOneChat();
  try {
    const both = [pair.alicePage, pair.bobPage] as const;
    await roomOf(pair.alicePage);
    const talk = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += 1) {
        const writer = both[at % 2] ?? pair.alicePage;
        await composer(writer).fill(`Message ${at} of the day`);
        await composer(writer).press("Enter");
        if (at % 20 === 19) for (const page of both) await messages(page).getByText(`Message ${at} of the day`, { exact: true }).waitFor();
      }
    };
    const settle = async (page: Page, name: string): Promise<void> => {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.waitForTimeout(2_000);
      console.log(`${name}: ${words(await memory(page))}`);
      await openListedChat(page, "Bob");
    };
    await talk(0, WARM);
    await settle(pair.alicePage, `after ${WARM}`);
    for (let quarter = 1; quarter <= 4; quarter += 1) {
      const upTo = WARM + (MESSAGES * quarter) / 4;
      await talk(WARM + (MESSAGES * (quarter - 1)) / 4, upTo);
      await settle(pair.alicePage, `after ${upTo}`);
    }
  } finally {
    await pair.leave();
  }
});
