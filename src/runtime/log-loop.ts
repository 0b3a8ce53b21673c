/**
 * Makes the log follow the feed: every second, or sooner where a thousand entries come sooner, one server appends what is new
 * and signs a checkpoint. And writes every checkpoint, whoever signed it, into this server's file.
 */

import { grownLog, type GrownTo } from "../audit/log/grow.ts";
import { signerOf, type SignerKey } from "../audit/log/note-key.ts";
import type { Hash } from "../audit/log/tree.ts";
import type { GrowthRequest, MerkleLog } from "../store/contracts/merkle-log.ts";
import type { Bus } from "./bus.ts";
import { createLoop, MAX_PAUSE_MS, type Loop } from "./loop.ts";
import type { LogKeeping } from "./log-keeping.ts";
import { LogWentBack } from "./log-standing.ts";
import type { Clock, Log, Random } from "./ports.ts";
import { currentHere } from "./rotate-log-key.ts";

export interface LogLoopPorts extends LogKeeping {
  readonly store: { readonly log: MerkleLog };
  readonly bus: Pick<Bus, "publish">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What was there before the log is appended at up to twenty thousand entries a second: transitions come first. */
const MOST_ENTRIES = 2_000;
const CHECKPOINT_MS = 1_000;
const CHECKPOINT_ENTRIES = 1_000;
/** A flood is signed in larger pieces rather than more often. */
const MIN_PAUSE_MS = 100;
const THIN_EVERY_MS = 3_600_000;
const SEED_BYTES = 32;
const NAME_BYTES = 6;

/** One that grows the log, one that keeps what was signed. */
export function createLogLoops(
  ports: LogLoopPorts & { readonly bus: Pick<Bus, "subscribe"> },
): readonly Loop[] {
  const grow = createLoop(ports, "log", createGrowing(ports));
  const keep = createLoop(ports, "checkpoints", createKeeping(ports));
  ports.bus.subscribe("feed", grow.wake);
  ports.bus.subscribe("checkpoints", keep.wake);
  return [grow, keep];
}

/** @returns a round of a loop */
export function createGrowing(ports: LogLoopPorts): (signal: AbortSignal) => Promise<number> {
  const { store, clock } = ports;
  const sign = createSigning(ports);
  let nextAt = -Infinity;
  let thinAt = clock.now() + THIN_EVERY_MS;
  return async (signal) => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0) await clock.sleep(Math.min(leftMs, CHECKPOINT_MS), signal);
    if (signal.aborted) return MAX_PAUSE_MS;
    const restMs = await sign();
    nextAt = clock.now() + restMs;
    if (clock.now() >= thinAt) {
      thinAt = clock.now() + THIN_EVERY_MS;
      await store.log.thin();
    }
    // With nothing to rest from, nothing was there.
    return restMs === 0 ? MAX_PAUSE_MS : Math.max(0, restMs);
  };
}

/** There is more. */
const AT_ONCE = -1;

/** @returns after how many milliseconds the next round may begin, however often it is woken */
function createSigning(ports: LogLoopPorts): () => Promise<number> {
  const { store, bus, log } = ports;
  let key: SignerKey | null = null;
  let known: Known = null;
  /** The key that this server has not, once it has said so. */
  let told: string | null = null;

  const without = (own: string | null, current: string | null): number => {
    if (told !== (current ?? "")) log.warn({ own, current }, WITHOUT_KEY);
    told = current ?? "";
    return CHECKPOINT_MS;
  };
  return async () => {
    key ??= await findKey(ports);
    const signer = key;
    if (signer === null) return without(null, (await store.log.keys()).at(-1)?.keyId ?? null);
    let made: GrownTo | null = null;
    const grown = await store.log.grow({
      ...{ limit: MOST_ENTRIES, keyId: signer.verifier.id, known },
      grow: (growth) => {
        const size = growth.last?.size ?? 0;
        if (known !== null && size < known.size) throw wentBack(known.size, size);
        const root = growth.edge === known?.edge ? known.root : null;
        made = grownLog({ ...growth, note: growth.last?.note ?? null, root }, signer);
        return storedOf(made, growth.now, signer);
      },
    });
    switch (grown.kind) {
      case "idle":
        // What comes after a quiet time is signed at once.
        return 0;
      case "busy":
        return CHECKPOINT_MS;
      case "another-key":
        key = await keyOf(ports, signer, grown.current?.keyId ?? null);
        return key === null ? without(signer.verifier.id, grown.current?.keyId ?? null) : AT_ONCE;
      case "grown":
        told = null;
        known = knownAfter(made);
        bus.publish(["checkpoints", "deliveries"]);
        return pauseAfter(grown.count);
    }
  };
}

const WITHOUT_KEY =
  "this server does not sign the log: it has not its current key. Copy the key's file from the server that has it, or share one by SEVENSTEP_LOG_KEY_FILE; where it is lost, `sevenstep log rotate --lost` gives the log another one";

type Known = (NonNullable<GrowthRequest["known"]> & { readonly root: Hash }) | null;

/** What a closure assigned is not seen by the type checker. */
function knownAfter(made: GrownTo | null): Known {
  if (made === null) return null;
  const { size, root } = made.checkpoint;
  return { size, root, edge: made.edge };
}

function storedOf({ tiles, checkpoint, note }: GrownTo, time: number, { verifier }: SignerKey) {
  return { tiles, checkpoint: { size: checkpoint.size, time, keyId: verifier.id, note } };
}

function wentBack(before: number, now: number): LogWentBack {
  return new LogWentBack(
    `the log had ${before} entries when this server last saw it, and has ${now} now: the database was restored from an older state, or exchanged. Stop all servers; at its start each says what to do.`,
  );
}

/** By the pace of the round before, a thousand entries are there after so long. */
function pauseAfter(count: number): number {
  if (count >= MOST_ENTRIES) return MIN_PAUSE_MS;
  return (CHECKPOINT_MS * CHECKPOINT_ENTRIES) / Math.max(count, CHECKPOINT_ENTRIES);
}

/** The key in this server's file. The first server of all makes one; where the log has one already, another is of no use. */
async function findKey({ signer, store, random }: LogLoopPorts): Promise<SignerKey | null> {
  const found = await signer.read();
  if (found !== null) return found;
  const current = (await store.log.keys()).at(-1);
  if (current !== undefined) return currentHere(signer, current.keyId);
  const name = `sevenstep/${Buffer.from(random(NAME_BYTES)).toString("hex")}`;
  return signer.make(signerOf(name, random(SEED_BYTES)));
}

/** The log's current key is not the one that this server has held: it may lie in its file by now, or be wanted. */
async function keyOf(
  { signer, store, log }: LogLoopPorts,
  held: SignerKey,
  current: string | null,
): Promise<SignerKey | null> {
  if (current === null) {
    const { id: keyId, text: vkey } = held.verifier;
    if (await store.log.addKey(null, () => ({ keyId, vkey, vouched: null }))) {
      log.info({ key: vkey }, "the log of this database begins; whoever audits it keeps this key");
    }
    return held;
  }
  return currentHere(signer, current);
}

/** Of one round so many. */
const MOST_CHECKPOINTS = 500;

/** Every checkpoint goes into the file, in order, once it is committed. */
export function createKeeping({
  store,
  file,
}: Pick<LogLoopPorts, "store" | "file">): () => Promise<number> {
  let last: number | null = null;
  return async () => {
    last ??= (await file.newest())?.size ?? null;
    const newest = await store.log.newest();
    if (newest === null || newest.size === last) return MAX_PAUSE_MS;
    if (last !== null && newest.size < last) throw wentBack(last, newest.size);
    // A file that is new begins with what is: all that was before is in the log that it signs.
    const fresh = last === null ? [newest] : await store.log.checkpoints(last, MOST_CHECKPOINTS);
    await file.append(fresh.map(({ note }) => note));
    last = fresh.at(-1)?.size ?? last;
    return fresh.length === MOST_CHECKPOINTS ? 0 : MAX_PAUSE_MS;
  };
}
