// Bundles the foreign client's page and serves it from loopback.
import { readFile } from "node:fs/promises";
import { type Server as HttpServer, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const PAGE = fileURLToPath(new URL("page.ts", import.meta.url));
const CRYPTO = "@matrix-org/matrix-sdk-crypto-wasm";
const HTML = '<!doctype html><html lang="en"><title>Foreign client</title><script type="module" src="/page.js"></script></html>';

export interface ForeignPage {
  url: string;
  stop(): Promise<void>;
}

export async function serveForeignPage(): Promise<ForeignPage> {
  const bundle = await build({
    entryPoints: [PAGE],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["browser", "import"],
    target: "es2022",
    logLevel: "silent",
    define: { global: "globalThis" },
  });
  const script = Buffer.from(bundle.outputFiles[0].contents);
  // The crypto asks for its wasm beside the script it is in.
  const wasm = await readFile(fileURLToPath(import.meta.resolve(CRYPTO)).replace(/[^/]+$/, "pkg/matrix_sdk_crypto_wasm_bg.wasm"));
  const server: HttpServer = createServer((request, response) => {
    const answer = (type: string, body: string | Buffer) => response.writeHead(200, { "content-type": type }).end(body);
    if (request.url === "/") answer("text/html", HTML);
    else if (request.url === "/page.js") answer("text/javascript", script);
    else if (request.url?.endsWith(".wasm")) answer("application/wasm", wasm);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
