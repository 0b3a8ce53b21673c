/** Compiled definitions by digest, the most recently used ones kept: compiling costs a thousand steps. */

import type { Executable } from "../../machines/compile/executable.ts";
import { judge } from "../../machines/compile/judge.ts";
import { documentOf } from "../../machines/document/canonical.ts";

export interface Executables {
  /** Null: not kept at the moment. */
  readonly get: (digest: string) => Executable | null;
  readonly keep: (executable: Executable) => void;
  /** @throws {Error} when the text is not the published definition of this digest */
  readonly compile: (digest: string, canonical: string) => Executable;
}

/** @param capacity how many are kept */
export function createExecutables(capacity = 64): Executables {
  // A Map keeps the order of insertion: the first key is the one that was used longest ago.
  const kept = new Map<string, Executable>();

  const get = (digest: string): Executable | null => {
    const executable = kept.get(digest);
    if (executable === undefined) return null;
    kept.delete(digest);
    kept.set(digest, executable);
    return executable;
  };

  const keep = (executable: Executable): void => {
    kept.delete(executable.digest);
    kept.set(executable.digest, executable);
    const [oldest] = kept.keys();
    if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
  };

  const compile = (digest: string, canonical: string): Executable => {
    const present = get(digest);
    if (present !== null) return present;
    const executable = compiled(digest, canonical);
    keep(executable);
    return executable;
  };

  return { get, keep, compile };
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
