/** Publishes every definition of a folder that is new: `<folder>/<process>/<version>.yaml` (or `.yml`, `.json`). */

import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Logger } from "pino";
import type { Caller, Engine } from "../runtime/engine.ts";
import type { Judge } from "../runtime/judgement.ts";
import type { DefinitionSource } from "../runtime/published.ts";
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
    const source = await sourceIn(path);
    if (await isPublished(definitions, path, source)) continue;
    const result = await definitions.publish(PUBLISHER, source);
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

/**
 * Begins at once to judge what stands in the folder, for a database that has to be made meanwhile. One after the other:
 * a second thread would have to load and warm up all that the first one has, and take it from the server's own.
 */
export function foreseeing(judge: Judge, folder: string): Judge {
  const begun = new Map<string, ReturnType<Judge>>();
  let last: Promise<void> = Promise.resolve();
  const all = (async () => {
    for (const path of await definitionFiles(folder)) {
      const source = await sourceIn(path);
      const judgement = last.then(() => judge(source));
      begun.set(source.text, judgement);
      last = judgement.then(
        () => {},
        () => {},
      );
    }
  })();
  // Whoever publishes the folder meets the same failure, and tells it.
  all.catch(() => {});
  return async (source) => {
    await all.catch(() => {});
    const foreseen = begun.get(source.text);
    begun.delete(source.text);
    const judgement = await foreseen?.catch(() => null);
    return judgement?.kind === "judged" ? judgement : judge(source);
  };
}

/** A text that was published under the file's own name never has to be judged again. */
async function isPublished(
  definitions: Engine["definitions"],
  path: string,
  { text }: DefinitionSource,
): Promise<boolean> {
  const version = basename(path, extname(path));
  const published = await definitions.source(basename(dirname(path)), version);
  return published.kind === "ok" && published.source.text === text;
}

async function sourceIn(path: string): Promise<DefinitionSource> {
  const format = extname(path) === ".json" ? "json" : "yaml";
  return { text: await readFile(path, "utf8"), format };
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
