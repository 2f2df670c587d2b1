// What may stand between a browser and the server: a proxy that answers itself, one that swallows everything, or a newer version.
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { type AddressInfo } from "node:net";

/** Hands requests on; says 502 as a proxy does whose server is gone; never answers. */
export type Way = "pass" | "bad gateway" | "swallow";

export interface Proxy {
  url: string;
  /** What it does with requests from now on. */
  way: Way;
  /** Changes a text of the server on its way; the path decides which. */
  change: ((path: string, text: string) => string) | undefined;
  stop(): Promise<void>;
}

export async function startProxy(server: string): Promise<Proxy> {
  const proxy: Proxy = { url: "", way: "pass", change: undefined, stop: async () => {} };
  const hand = (asked: IncomingMessage, answer: ServerResponse): void => {
    if (proxy.way === "swallow") return;
    if (proxy.way === "bad gateway") {
      answer.writeHead(502, { "content-type": "text/html" }).end("<h1>502 Bad Gateway</h1>");
      return;
    }
    const headers = { ...asked.headers, "accept-encoding": "identity" };
    // What is changed on its way is another text than the one that the browser has.
    if (proxy.change) delete headers["if-none-match"];
    const path = asked.url ?? "/";
    const forward = request(server + path, { method: asked.method, headers }, (answered) => {
      const isText = /html|javascript/.test(answered.headers["content-type"] ?? "");
      if (!proxy.change || !isText) {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
        return;
      }
      const pieces: Buffer[] = [];
      answered.on("data", (piece: Buffer) => pieces.push(piece));
      answered.on("end", () => {
        const body = proxy.change?.(path, Buffer.concat(pieces).toString()) ?? "";
        // The changed text has another hash than the policy and the tag of the server know.
        const { etag: _, "content-length": __, "content-security-policy": ___, ...rest } = answered.headers;
        answer.writeHead(answered.statusCode ?? 502, rest).end(body);
      });
    });
    forward.on("error", () => answer.destroy());
    asked.pipe(forward);
  };
  const listener = createServer(hand);
  await new Promise<void>((ready) => listener.listen(0, "127.0.0.1", ready));
  proxy.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  proxy.stop = async () => {
    listener.closeAllConnections();
    await new Promise((done) => listener.close(done));
  };
  return proxy;
}
