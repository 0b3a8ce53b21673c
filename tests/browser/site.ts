/** Builds the page as a product would, bundled and minified, and serves it from memory on a loopback port. */

import { once } from "node:events";
import { createServer } from "node:http";
import { extname } from "node:path";

import { build, type Rolldown } from "vite";

import type { Script } from "./play.ts";

export interface Site {
  /** `http://127.0.0.1:<port>`, without a path. */
  readonly origin: string;
  readonly close: () => void;
}

const ROOT = new URL("./", import.meta.url).pathname;

/** `unsafe-eval`: ajv compiles the schema validators to JavaScript. */
const POLICY = "script-src 'self' 'unsafe-eval'";

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".yaml": "application/yaml; charset=utf-8",
};

/** Fails when the page imports a module of Node. */
export async function openSite({ definition, scenarios, flawed }: Script): Promise<Site> {
  const files = new Map<string, string | Uint8Array>([
    ["/definition.yaml", definition],
    ["/scenarios.yaml", scenarios],
    ["/flawed.yaml", flawed],
    ...(await builtPage()),
  ]);
  const server = createServer(({ url = "" }, response) => {
    const body = files.get(url);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(200, {
        "content-type": MEDIA_TYPES[extname(url)] ?? "application/octet-stream",
        "content-security-policy": POLICY,
      })
      .end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function builtPage(): Promise<readonly (readonly [string, string | Uint8Array])[]> {
  const built = await build({
    root: ROOT,
    configFile: false,
    logLevel: "silent",
    plugins: [{ name: "no-node", enforce: "pre", resolveId: refuseNode }],
    build: { write: false, rolldownOptions: { input: `${ROOT}page.html`, onLog: refuseWarning } },
  });
  const outputs: readonly Rolldown.RolldownOutput[] = [built]
    .flat()
    .flatMap((each) => ("output" in each ? [each] : []));
  return outputs.flatMap(({ output }) =>
    output.map((file) => [`/${file.fileName}`, file.type === "chunk" ? file.code : file.source]),
  );
}

/** Vite would give an empty module instead, which fails only where it is used. */
function refuseNode(specifier: string, importer: string | undefined): null {
  if (specifier.startsWith("node:")) throw new Error(`${importer} imports ${specifier}`);
  return null;
}

function refuseWarning(level: string, { message }: { readonly message: string }): void {
  if (level === "warn") throw new Error(message);
}
