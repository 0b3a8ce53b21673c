#!/usr/bin/env node
/**
 * Starts Seven-step on a Node that runs TypeScript: this one, or the one that npm installed beside the product.
 * JavaScript, because a Node too old for the product must be able to read it.
 */

import { spawn } from "node:child_process";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, URL } from "node:url";

/** The first release that strips types without a flag. */
const NEEDED = [22, 18];

/**
 * For the Node that takes over. A SIGKILL can't be handed on to it, and a server that nobody sees any more would keep
 * its data folder to itself; but the channel between the two breaks, and nothing else is said on it.
 */
const ENDS_WITH_US = encodeURIComponent(
  // Worker threads run this as well, and have no channel.
  'if (process.channel) { process.on("disconnect", () => process.kill(process.pid, "SIGKILL")); process.channel.unref(); }',
);

/** Node strips no types under `node_modules`: a package that was installed carries its JavaScript (`npm pack`). */
const isInstalled = import.meta.url.includes("/node_modules/");
const main = new URL(isInstalled ? "../../dist/src/main.js" : "../main.ts", import.meta.url);

/** Code that was compiled once is compiled: the next start takes half as long. Where nothing can be written, it just does not. */
const codeCache = fileURLToPath(new URL("../../.prepared/code", import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  nodeModule.enableCompileCache(codeCache);
  // Threads look for it here.
  process.env.NODE_COMPILE_CACHE ??= codeCache;
  // Spelled out where it can be: those who read the source follow it.
  await (isInstalled ? import(main.href) : import("../main.ts"));
} else {
  handOver(installedNode());
}

/** @returns {string} the path of the `node` package's binary */
function installedNode() {
  try {
    const manifest = nodeModule.createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin", "node");
  } catch {
    return refuse();
  }
}

/** @param {string} node */
function handOver(node) {
  const parameters = [
    "--import",
    `data:text/javascript,${ENDS_WITH_US}`,
    fileURLToPath(main),
    ...process.argv.slice(2),
  ];
  const env = { NODE_COMPILE_CACHE: codeCache, ...process.env };
  const child = spawn(node, parameters, { env, stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}

/** @returns {never} */
function refuse() {
  const found = process.versions.node;
  console.error(
    `sevenstep needs Node ${NEEDED.join(".")} or newer and runs on ${found}: run "npm ci", or install Node 24.`,
  );
  process.exit(1);
}
