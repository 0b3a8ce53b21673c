/** Installs the peers, exactly these versions, into a folder of their own outside the tree, beside copies of their servers. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const PEER_VERSIONS = {
  "@dbos-inc/dbos-sdk": "5.3.0",
  "@restatedev/restate-sdk": "1.17.2",
  "@restatedev/restate-server": "1.7.12",
  "bpmn-engine": "25.0.1",
} as const;

/** What their servers share with the product, in its versions. */
const SHARED = ["@hono/node-server", "hono", "pg", "xstate", "zod"];

const BENCH = new URL("../", import.meta.url).pathname;
const PRODUCT = new URL("../../../package.json", import.meta.url);

/** Once per process, and again only when a version has changed. @returns the folder */
let installed: Promise<string> | null = null;
export function installPeers(): Promise<string> {
  installed ??= install(process.env["BENCH_PEERS"] ?? join(tmpdir(), "sevenstep-bench-peers"));
  return installed;
}

/** A copy's place in the folder; imports between copies go by the same paths as in the tree. */
export function peerScript(folder: string, name: string): string {
  return join(folder, "tests", "bench", "peers", name);
}

async function install(folder: string): Promise<string> {
  const product: { readonly dependencies: { readonly [name: string]: string } } = JSON.parse(
    await readFile(PRODUCT, "utf8"),
  );
  const shared = SHARED.map((name) => [name, product.dependencies[name]]);
  const dependencies = { ...PEER_VERSIONS, ...Object.fromEntries(shared) };
  const manifest = JSON.stringify({ private: true, type: "module", dependencies }, null, 2);
  const path = join(folder, "package.json");
  const isThere = (await readFile(path, "utf8").catch(() => "")) === manifest;
  if (!isThere) {
    process.stderr.write(`installing the peers into ${folder}\n`);
    await mkdir(folder, { recursive: true });
    await writeFile(path, manifest);
    await npmInstall(folder);
  }
  const copies = join(folder, "tests", "bench");
  await mkdir(copies, { recursive: true });
  await cp(join(BENCH, "peers"), join(copies, "peers"), { recursive: true });
  await cp(join(BENCH, "step-definition.ts"), join(copies, "step-definition.ts"));
  return folder;
}

/** Install scripts are not run: no peer needs one. */
async function npmInstall(folder: string): Promise<void> {
  const parameters = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  const child = spawn("npm", parameters, { cwd: folder, stdio: ["ignore", 2, 2] });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`npm install ended with ${String(code)}: see above`);
}
