// A mail server that takes everything and keeps it: just enough of SMTP for what the server sends. How a real one is met is
// tested over HTTP (`tests/http/mail.rs`).
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

export interface Mailbox {
  /** The settings by which a server sends to it. */
  settings: Record<string, string>;
  /** The link in the next message to an address, once it is there. */
  nextLink(address: string): Promise<string>;
  /** How many messages are there that nobody has read. */
  unread(): number;
  close(): void;
}

export async function openMailbox(): Promise<Mailbox> {
  const messages: string[] = [];
  const server = createServer((socket) => {
    let said = "";
    let isText = false;
    socket.on("error", () => socket.destroy());
    socket.write("220 mail.example.org\r\n");
    socket.on("data", (bytes) => {
      said += bytes.toString();
      for (;;) {
        const end = isText ? "\r\n.\r\n" : "\r\n";
        const at = said.indexOf(end);
        if (at < 0) return;
        const line = said.slice(0, at);
        said = said.slice(at + end.length);
        if (isText) messages.push(line.replaceAll("\r\n", "\n"));
        isText = !isText && line === "DATA";
        socket.write(isText ? "354 Go on\r\n" : "250 Fine\r\n");
        if (line === "QUIT") socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the mailbox has no port");
  return {
    settings: {
      HEARTH_SMTP_HOST: "127.0.0.1",
      HEARTH_SMTP_PORT: String(address.port),
      HEARTH_SMTP_TLS: "none",
      HEARTH_EMAIL_FROM: "Hearth <chat@example.org>",
    },
    nextLink: async (to) => {
      const until = Date.now() + WITHIN_MS;
      while (Date.now() < until) {
        const at = messages.findIndex((message) => message.includes(`\nTo: ${to}\n`));
        const [message] = at < 0 ? [] : messages.splice(at, 1);
        if (message !== undefined) {
          const link = message.split("\n").find((line) => /^https?:\/\//.test(line));
          if (link === undefined) throw new Error(`no link in:\n${message}`);
          return link;
        }
        await pause(LOOK_EVERY_MS);
      }
      throw new Error(`no message to ${to} among ${messages.length}`);
    },
    unread: () => messages.length,
    close: () => server.close(),
  };
}
