// Ports for servers that are ended and started again at the same address.
import { createServer } from "node:net";

/** Below those that systems give to outgoing connections (Linux: from 32768): a browser that tries again would take the place of the server that is away. */
const FIRST = 20_000;
/** For each of the test processes that run at once. */
const SHARE = 1_000;

let given = 0;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that no other test is given, and that stays free while its server is away. */
export async function ownPort(): Promise<number> {
  const share = FIRST + Number(process.env.TEST_PARALLEL_INDEX ?? 0) * SHARE;
  for (let tried = 0; tried < SHARE; tried += 1) {
    given = (given + 1) % SHARE;
    if (await isFree(share + given)) return share + given;
  }
  throw new Error(`none of the ports from ${share} is free`);
}
