/** Replays a proved bundle from itself alone: that the recorded states, timers and effects follow from the recorded events. */

import type { Executable } from "../../../machines/compile/executable.ts";
import { createExecutables, type Executables } from "../executables.ts";
import { replay, type Diverged, type Replayed } from "../replay.ts";
import { createSenders, mistold } from "../senders.ts";
import type { Bundle } from "./bundle.ts";
import { checkRules, type RulesHeld } from "./rules.ts";
import { refuted, type Refuted } from "./verdict.ts";
import type { Proved } from "./verify-bundle.ts";

export interface FollowsFrom {
  readonly kind: "follows";
  readonly rules: RulesHeld;
  /** Of the order after its last entry. */
  readonly end: Replayed;
  /** Under which it began and went on. */
  readonly versions: readonly { readonly process: string; readonly version: string }[];
}

/** @param executables keeps what was compiled for the next bundle */
export function replayBundle(
  bundle: Bundle,
  { entries }: Proved,
  executables: Executables = createExecutables(),
): FollowsFrom | Refuted {
  const compiled = executablesOf(bundle, executables);
  if (!(compiled instanceof Map)) return compiled;
  const executableOf = (digest: string): Executable | null => compiled.get(digest) ?? null;
  const senders = createSenders();
  let end: Replayed | null = null;
  for (const next of replay(bundle.lines, executableOf)) {
    if (next.kind === "diverged") return divergence(next);
    const from = end === null ? null : executableOf(end.order.digest);
    const to = executableOf(next.order.digest);
    const untold = to === null ? null : mistold(senders, next, from, to);
    if (untold !== null) return divergence(untold);
    senders.note(next.entry);
    end = next;
  }
  if (end === null) return refuted("entry 1", "an entry", "none");
  const rules = checkRules(entries, executableOf);
  if (rules.kind === "refuted") return rules;
  const versions = [...compiled.values()].map(({ process, version }) => ({ process, version }));
  return { kind: "follows", rules, end, versions };
}

function divergence({ revision, field, expected, found }: Diverged): Refuted {
  return refuted(`entry ${revision}, ${field}`, expected, found);
}

/** A definition that this release can't run can't be replayed by it: that proves nothing against the bundle, and is told. */
function executablesOf(
  { definitions }: Bundle,
  executables: Executables,
): Map<string, Executable> | Refuted {
  const compiled = new Map<string, Executable>();
  for (const [index, { digest, text }] of definitions.entries()) {
    try {
      compiled.set(digest, executables.compile(digest, text));
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      return refuted(`definition ${index + 1}`, "one that this release can run", found);
    }
  }
  return compiled;
}
