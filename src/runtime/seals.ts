/** Personal values are sealed under their person's key as they are written, and opened for whoever may see them. */

import { box, NONCE_BYTES, openBox } from "../audit/box.ts";
import { commitmentOf, type SealedRow } from "../audit/seal.ts";
import type { Json } from "../../machines/json.ts";
import type { KeptValue } from "../store/contracts/sealed.ts";
import type { Decision, OrderWrite, Store, StoredOrder } from "../store/store.ts";
import type { Keyring } from "./keyring.ts";
import { ownTag, type Keys } from "./keystore.ts";
import type { Random } from "./ports.ts";

/** What a decision writes, its personal values not yet sealed: the store takes it only when they are. */
export type OpenWrite = Omit<OrderWrite, "sealed"> & { readonly sealed: readonly SealedRow[] };

/** What is decided where values are still open. */
export type OpenDecision<T> = Decision<T, OpenWrite>;

/** What it takes to seal and to open. */
export interface SealPorts {
  readonly keyring: Keyring;
  readonly random: Random;
}

/** Where sealed values are and what opens them. */
export interface Opening {
  readonly store: Pick<Store, "sealed">;
  readonly keyring: Pick<Keyring, "read">;
  /** For what is shown to nobody, and for what a case tells of: a restricted person's values, too. Absent: none of these. */
  readonly evenRestricted?: true;
}

/** Names the key of an order's values. @param subject the tag of whose data it holds; null: its own */
export function keyTag(orderId: string, subject: string | null): string {
  return subject ?? ownTag(orderId);
}

/**
 * Whose data an order of this centre holds: what two centres call by one name are two persons, because neither may erase
 * what is the other's.
 */
export function subjectTag(
  { tagOf }: Pick<Keyring, "tagOf">,
  centre: string | null,
  subject: string,
): string {
  return tagOf(JSON.stringify([centre, subject]));
}

/**
 * @param held keys that were fetched for this very write
 * @returns the tag of the key that is neither there nor remembered
 */
export function sealedWrite(
  { keyring, random }: SealPorts,
  write: OpenWrite,
  { id, subject }: Pick<StoredOrder, "id" | "subject">,
  held: Keys,
):
  | { readonly kind: "sealed"; readonly write: OrderWrite }
  | { readonly kind: "keyless"; readonly tag: string } {
  if (write.sealed.length === 0) return { kind: "sealed", write: { ...write, sealed: [] } };
  const tag = keyTag(id, subject);
  const key = held.get(tag) ?? keyring.peek(tag);
  if (key === null) return { kind: "keyless", tag };
  const sealed = write.sealed.map((row) => ({
    commitment: row.commitment,
    box: box(key, id, row, random(NONCE_BYTES)),
  }));
  return { kind: "sealed", write: { ...write, sealed } };
}

/** By commitment; what is erased, restricted, or was altered is not in it. */
export async function openedValues(
  opening: Opening,
  orderId: string,
  commitments: readonly string[],
): Promise<ReadonlyMap<string, Json>> {
  const { clear, opened } = await openedRows(opening, orderId, commitments);
  const rows = [...clear.filter(fitsCommitment), ...opened];
  return new Map(rows.map(({ commitment, value }) => [commitment, value]));
}

/** Whether the value is what was committed to. */
export function fitsCommitment({ commitment, salt, value }: SealedRow): boolean {
  return commitmentOf(Buffer.from(salt, "hex"), value) === commitment;
}

/** `opened` was sealed by a server that had the key; `clear` by anybody who could write into the database. */
export interface OpenedRows {
  readonly opened: readonly SealedRow[];
  readonly clear: readonly SealedRow[];
}

/** The same with their salts, for whoever holds them against their commitments. */
export async function openedRows(
  { store, keyring, evenRestricted }: Opening,
  orderId: string,
  commitments: readonly string[],
): Promise<OpenedRows> {
  if (commitments.length === 0) return { opened: [], clear: [] };
  const { subject, restricted, values } = await store.sealed.kept(orderId, commitments);
  if (restricted && evenRestricted !== true) return { opened: [], clear: [] };
  const boxed = values.filter((value) => value.kind === "boxed");
  const clear = values.filter((value) => value.kind === "clear").map(clearRow);
  if (boxed.length === 0) return { opened: [], clear };
  const tag = keyTag(orderId, subject);
  const key = (await keyring.read([tag])).get(tag);
  if (key === undefined) return { opened: [], clear };
  const opened = boxed.flatMap(({ commitment, box: sealed }) => {
    const row = openBox(key, orderId, commitment, sealed);
    return row === null ? [] : [row];
  });
  return { opened, clear };
}

function clearRow({ commitment, salt, value }: Extract<KeptValue, { kind: "clear" }>): SealedRow {
  return { commitment, salt, value };
}
