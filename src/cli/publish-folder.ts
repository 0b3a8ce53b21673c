/** Publishes every definition of a folder that is new: `<folder>/<process>/<version>.yaml` (or `.yml`, `.json`). */

import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Logger } from "pino";
import type { Caller, Engine } from "../runtime/engine.ts";
import { byVersion } from "./version-file.ts";

const VERSION_FILE = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?\.(?:yaml|yml|json)$/;

/** The folder's owner is the server's, so what stands in it is published with the server's own authority. */
const PUBLISHER: Caller = { sub: "sevenstep", roles: ["admin"], centres: null };

/**
 * Older versions first, so that the newest one is published last; a process that was unknown before takes the newest one
 * as its default, and one that was known keeps the default that somebody chose. A definition that is refused is logged
 * with its findings and keeps nobody else from being served.
 *
 * @returns the processes that are published now, with their versions
 */
export async function publishFolder(
  { definitions }: Pick<Engine, "definitions">,
  folder: string,
  log: Logger,
): Promise<readonly string[]> {
  const known = new Set((await definitions.versions()).map(({ process }) => process));
  const newest = new Map<string, string>();
  for (const path of await definitionFiles(folder)) {
    const format = extname(path) === ".json" ? "json" : "yaml";
    const text = await readFile(path, "utf8");
    const result = await definitions.publish(PUBLISHER, { text, format });
    if (result.kind === "refused") {
      const { code, detail, findings } = result;
      log.error({ file: path, code, findings }, `a definition is not published: ${detail}`);
    } else if (result.created) {
      const { process, version, digest } = result.definition;
      log.info({ process, version, digest }, "definition published");
      if (!known.has(process)) newest.set(process, version);
    }
  }
  for (const [process, version] of newest) {
    await definitions.setDefault(PUBLISHER, process, version);
  }
  const versions = await definitions.versions();
  return versions.map(({ process, version }) => `${process} ${version}`).toSorted();
}

async function definitionFiles(folder: string): Promise<readonly string[]> {
  const processes = await readdir(folder, { withFileTypes: true }).catch(noneWhenAbsent);
  const found: string[] = [];
  for (const entry of processes.filter((each) => each.isDirectory())) {
    const names = await readdir(join(folder, entry.name));
    const versions = names.filter((name) => VERSION_FILE.test(name)).toSorted(byVersion);
    found.push(...versions.map((name) => join(folder, entry.name, name)));
  }
  return found;
}

function noneWhenAbsent(error: unknown): [] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
