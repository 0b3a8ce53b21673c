/**
 * Gives the log another key. The one before vouches for it, so that whoever trusts that one comes to trust this one; only
 * where that one is lost nobody does, and auditors have to be told the new key by other ways.
 */

import { handOver } from "../audit/log/handover.ts";
import { parseVerifierKey, signerOf, type SignerKey } from "../audit/log/note-key.ts";
import type { MerkleLog, StoredLogKey } from "../store/contracts/merkle-log.ts";
import type { LogSigner } from "./log-keeping.ts";
import type { Random } from "./ports.ts";

export type Rotation =
  | { readonly kind: "rotated"; readonly key: string }
  /** The log has no key yet: its first server makes one. */
  | { readonly kind: "no-log" }
  /** Here is another key than the log's current one, or none. */
  | { readonly kind: "not-here"; readonly current: StoredLogKey }
  /** It was said to be lost, and is here. */
  | { readonly kind: "not-lost" }
  /** Somebody else gave it another one meanwhile. */
  | { readonly kind: "raced" };

const SEED_BYTES = 32;

export async function rotateLogKey(
  {
    log,
    signer,
    random,
  }: { readonly log: MerkleLog; readonly signer: LogSigner; readonly random: Random },
  isLost: boolean,
): Promise<Rotation> {
  const current = (await log.keys()).at(-1);
  const name = parseVerifierKey(current?.vkey ?? "")?.name;
  if (current === undefined || name === undefined) return { kind: "no-log" };
  const own = await currentHere(signer, current.keyId);
  if (isLost && own !== null) return { kind: "not-lost" };
  if (!isLost && own === null) return { kind: "not-here", current };
  const next = signerOf(name, random(SEED_BYTES));
  const { id: keyId, text: vkey } = next.verifier;
  // Kept first: a key that the log waits for and nobody has would be worse than one that nobody waits for.
  await signer.keepNext(next);
  const isNext = await log.addKey(current.keyId, (size, now) => ({
    ...{ keyId, vkey, vouched: own === null ? null : handOver(own, next, size, now) },
  }));
  if (!isNext) return { kind: "raced" };
  await signer.takeNext();
  return { kind: "rotated", key: vkey };
}

/** The log's current key, if it is here; one that was to follow and has been made the current one takes its place. */
export async function currentHere(signer: LogSigner, current: string): Promise<SignerKey | null> {
  const own = await signer.read();
  if (own?.verifier.id === current) return own;
  const next = await signer.readNext();
  if (next?.verifier.id !== current) return null;
  // Whoever rotated it was stopped before it took its place.
  await signer.takeNext();
  return next;
}
