// What the drivers in JavaScript share: JSON lines from stdin, answers on stdout. The commands and their answers are described in
// ../README.md.

import { createInterface } from "node:readline";

// The SDKs log to the console. Standard output carries only answers.
for (const level of ["log", "info", "debug", "trace", "warn"]) {
    console[level] = console.error;
}

/** Does what it is told by `commands`, until nobody tells it anything. */
export async function serve(commands) {
    for await (const line of createInterface({ input: process.stdin })) {
        const { id, cmd, ...args } = JSON.parse(line);
        let answer;
        try {
            answer = { id, ok: (await commands[cmd](args)) ?? {} };
        } catch (error) {
            answer = { id, error: `${cmd}: ${error.stack ?? error}` };
        }
        process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
}
