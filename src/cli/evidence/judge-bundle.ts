/** The whole judgement of one bundle: read strictly, proved against the log's keys, replayed under its own definitions. */

import type { Executables } from "../../audit/executables.ts";
import type { Bundle } from "../../audit/evidence/bundle.ts";
import { readBundle } from "../../audit/evidence/read-bundle.ts";
import { replayBundle, type FollowsFrom } from "../../audit/evidence/replay-bundle.ts";
import type { Refuted } from "../../audit/evidence/verdict.ts";
import { verifyBundle, type Proved } from "../../audit/evidence/verify-bundle.ts";
import type { VerifierKey } from "../../audit/log/note-key.ts";

export interface Upheld {
  readonly kind: "upheld";
  readonly bundle: Bundle;
  readonly proved: Proved;
  readonly replayed: FollowsFrom;
}

export function judgeBundle(
  bytes: Uint8Array,
  keys: readonly VerifierKey[],
  executables: Executables,
): Upheld | Refuted {
  const read = readBundle(bytes);
  if (read.kind === "refuted") return read;
  const { bundle } = read;
  const proved = verifyBundle(bundle, keys);
  if (proved.kind === "refuted") return proved;
  const replayed = replayBundle(bundle, proved, executables);
  return replayed.kind === "refuted" ? replayed : { kind: "upheld", bundle, proved, replayed };
}
