/** Compiled definitions by digest, the most recently used ones kept: compiling costs a thousand steps. */

import type { Executable } from "../../machines/compile/executable.ts";
import { judge } from "../../machines/compile/judge.ts";
import { documentOf } from "../../machines/document/canonical.ts";
import { createLru } from "./lru.ts";

export interface Executables {
  /** Null: not kept at the moment. */
  readonly get: (digest: string) => Executable | null;
  readonly keep: (executable: Executable) => void;
  /** @throws {Error} when the text is not the published definition of this digest */
  readonly compile: (digest: string, canonical: string) => Executable;
}

const CAPACITY = 64;

export function createExecutables(capacity = CAPACITY): Executables {
  const kept = createLru<string, Executable>(capacity);
  const keep = (executable: Executable): void => kept.set(executable.digest, executable);
  return {
    get: kept.get,
    keep,
    compile: (digest, canonical) => {
      const present = kept.get(digest);
      if (present !== null) return present;
      const executable = compiled(digest, canonical);
      keep(executable);
      return executable;
    },
  };
}

/** A definition that was published was judged to run; that it no longer does is the release's defect, not its designer's. */
function compiled(digest: string, canonical: string): Executable {
  const { executable, findings } = judge(JSON.stringify(documentOf(canonical)), "json");
  if (executable === null) {
    const errors = findings.filter(({ severity }) => severity === "error");
    const [first] = errors;
    throw new Error(
      `The published definition ${digest} does not compile any more: ${errors.length} errors, first ${first?.rule} at "${first?.pointer}".`,
    );
  }
  if (executable.digest !== digest) {
    throw new Error(`Expected the definition ${digest}, found one with ${executable.digest}.`);
  }
  return executable;
}
