/** Publishes the definitions of a folder that are new to the server; a file that changed after its publication is only reported. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Caller, DefinitionSource, Engine } from "./engine.ts";
import type { Log } from "./ports.ts";

/** `1.0.0.yaml`: other files of the folder (scenarios, schemas) bear other names. */
const DEFINITION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?\.(yaml|yml|json)$/;

const SCENARIOS = /\.scenarios\.[a-z]+$/;

const SERVER: Caller = { sub: "sevenstep", roles: ["system"], centres: null };

/**
 * Newest versions go first, so that a process that is new to the server takes its newest version as default; where the
 * process has a default already, it keeps it. A folder that is not there is empty.
 * @returns how many definitions were published
 */
export async function publishFolder(
  definitions: Engine["definitions"],
  folder: string,
  log: Log,
): Promise<number> {
  let published = 0;
  for (const path of await definitionPaths(folder)) {
    const source = await readSource(join(folder, path));
    const result = await definitions.publish(SERVER, source);
    if (result.kind === "refused") {
      const { code, findings = [] } = result;
      const errors = findings.filter(({ severity }) => severity === "error");
      log.warn({ path, code, errors }, "a definition of the folder was not published");
    } else if (result.created) {
      const { process, version, digest } = result.definition;
      log.info({ path, process, version, digest }, "a definition was published");
      published += 1;
    }
  }
  return published;
}

async function definitionPaths(folder: string): Promise<readonly string[]> {
  const paths = await readdir(folder, { recursive: true }).catch(emptyWhenAbsent);
  return paths
    .filter((path) => DEFINITION.test(basename(path)) && !SCENARIOS.test(path))
    .toSorted(newestFirst);
}

/** Numbers in names count as numbers: 1.10.0 is newer than 1.9.0. A pre-release comes after its release (semver 11). */
function newestFirst(a: string, b: string): number {
  const [releaseA, releaseB] = [a, b].map((path) => basename(path).replace(/[-].*$|\.[a-z]+$/, ""));
  const byRelease = (releaseB ?? "").localeCompare(releaseA ?? "", "en", { numeric: true });
  return byRelease === 0 ? a.length - b.length || a.localeCompare(b, "en") : byRelease;
}

async function readSource(path: string): Promise<DefinitionSource> {
  const text = await readFile(path, "utf8");
  return { text, format: path.endsWith(".json") ? "json" : "yaml" };
}

function emptyWhenAbsent(error: unknown): string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
