/** A fresh PGlite data folder as an archive, made once per PGlite version: a start from it takes a tenth of the time. */

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { PGlite } from "@electric-sql/pglite";

const CACHE = new URL("../../node_modules/.cache/sevenstep/", import.meta.url).pathname;

export async function pgliteTemplate(): Promise<Blob> {
  const path = join(CACHE, `pglite-${await pgliteVersion()}.tar`);
  const cached = await readFile(path).catch(() => null);
  if (cached !== null) return new Blob([cached], { type: "application/x-tar" });
  const pglite = await PGlite.create();
  const template = await pglite.dumpDataDir("none");
  await pglite.close();
  await mkdir(CACHE, { recursive: true });
  // Several test files may do this at once: each writes its own, the last rename stays.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, new Uint8Array(await template.arrayBuffer()));
  await rename(draft, path);
  return template;
}

async function pgliteVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const manifest: unknown = JSON.parse(
    await readFile(join(dirname(entry), "..", "package.json"), "utf8"),
  );
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}
