/** Holds checkpoints that were kept outside against the log as it is: it may have grown since, and nothing else. */

import { readCheckpoint, type Checkpoint } from "../audit/log/checkpoint.ts";
import { checkpointIn } from "../audit/log/grow.ts";
import { keysFollowing } from "../audit/log/handover.ts";
import { parseVerifierKey, type VerifierKey } from "../audit/log/note-key.ts";
import { TileMissing } from "../audit/log/tiles.ts";
import { provesConsistency } from "../audit/log/verify-proof.ts";
import type { MerkleLog } from "../store/contracts/merkle-log.ts";
import { consistencyOf } from "./history-log.ts";

export interface Judged {
  /** Null: it says none. */
  readonly size: number | null;
  readonly time: string | null;
  readonly verdict: Verdict;
}

export type Verdict =
  | "consistent"
  /** Not written as a checkpoint is. */
  | "malformed"
  /** By no key of the log, or by none that follows from the trusted one. */
  | "unsigned"
  /** Of more entries than the log has: it went back. */
  | "ahead"
  /** The log has so many entries, and they are not those that were signed. */
  | "forked";

/**
 * @param trusted the key that the auditor kept; null: whatever keys the log names, which says that it agrees with itself only
 */
export async function judgeCheckpoints(
  log: MerkleLog,
  notes: readonly string[],
  trusted: VerifierKey | null,
): Promise<readonly Judged[]> {
  const stored = await log.keys();
  const handovers = stored.flatMap(({ vouched }) => vouched ?? []);
  const keys =
    trusted === null
      ? stored.flatMap(({ vkey }) => parseVerifierKey(vkey) ?? [])
      : keysFollowing(trusted, handovers);
  const newest = checkpointIn((await log.newest())?.note ?? "");
  const judged: Judged[] = [];
  for (const note of notes) judged.push(await judge(note));
  return judged;

  async function judge(note: string): Promise<Judged> {
    const checkpoint = checkpointIn(note);
    if (checkpoint === null) return { size: null, time: null, verdict: "malformed" };
    const { size, time } = checkpoint;
    const said = (verdict: Verdict): Judged => ({ size, time, verdict });
    const isSigned = keys.some((key) => readCheckpoint(note, key).kind === "checkpoint");
    if (!isSigned) return said("unsigned");
    if (newest === null || newest.size < size) return said("ahead");
    return said((await goesOn(log, checkpoint, newest)) ? "consistent" : "forked");
  }
}

async function goesOn(log: MerkleLog, older: Checkpoint, newer: Checkpoint): Promise<boolean> {
  try {
    const path = older.size === 0 ? [] : await consistencyOf(log, older.size, newer.size);
    return provesConsistency({ older, newer, path });
  } catch (error) {
    if (error instanceof TileMissing) return false;
    throw error;
  }
}
