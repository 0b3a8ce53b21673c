/** One order's history with all that it takes to replay it, wherever it was read: a database, a server or a bundle. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Json } from "../../machines/json.ts";
import { createExecutables, type Executables } from "./executables.ts";
import type { ExecutableOf } from "./replay.ts";

export interface Recorded {
  /** Of the order. */
  readonly id: string;
  /** Verbatim, from the first entry on. */
  readonly lines: readonly string[];
  /** Canonical texts by digest, of every version that the order lived under. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Personal values by commitment: those that whoever asked may see, and that are not erased. */
  readonly values: ReadonlyMap<string, Json>;
}

/**
 * A text that is no definition, or none that this release can run, is as good as none: the replay names its digest.
 * @param executables keeps what was compiled for the next history
 */
export function executablesOf(
  { definitions }: Pick<Recorded, "definitions">,
  executables: Executables = createExecutables(),
): ExecutableOf {
  return (digest) => {
    const canonical = definitions.get(digest);
    return canonical === undefined ? null : compiled(executables, digest, canonical);
  };
}

function compiled(executables: Executables, digest: string, canonical: string): Executable | null {
  try {
    return executables.compile(digest, canonical);
  } catch {
    return null;
  }
}
