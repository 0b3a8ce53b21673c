/** Which sealed values of an order go into its evidence: never one that the caller may not see. */

import type { Entry } from "../audit/entry.ts";
import { sealedIn, sealedPlaces, type SealedPlace } from "../audit/evidence/sealed-places.ts";
import type { SealedRow } from "../audit/seal.ts";
import { maySeePersons } from "./caller.ts";
import type { Disclosure } from "./contracts/evidence.ts";
import type { Caller } from "./engine.ts";
import type { Reading } from "./read.ts";
import { refused, type Refused } from "./refusal.ts";
import { fitsCommitment, openedRows } from "./seals.ts";

type Entries = readonly Pick<Entry, "revision" | "digest" | "sealed">[];

type Disclosed = { readonly kind: "ok"; readonly rows: readonly SealedRow[] } | Refused;

/** Values that are erased, restricted or altered are not among them. */
export async function disclosedRows(
  reading: Reading,
  caller: Caller,
  { id, entries }: { readonly id: string; readonly entries: Entries },
  disclose: Disclosure,
): Promise<Disclosed> {
  if (disclose === "none") return { kind: "ok", rows: [] };
  const visible = sealedIn(await visibleOf(reading, caller, entries));
  if (disclose === "visible") {
    return { kind: "ok", rows: await opened(reading, id, [...visible.keys()]) };
  }
  const places = sealedPlaces(entries);
  const wanted = new Set<string>();
  for (const choice of disclose) {
    const named = places.filter((place) => isNamed(choice, place));
    if (named.length === 0) return unknown(choice);
    for (const { commitment } of named) wanted.add(commitment);
  }
  if ([...wanted].every((commitment) => visible.has(commitment))) {
    return { kind: "ok", rows: await opened(reading, id, [...wanted]) };
  }
  return refused(
    "role-not-allowed",
    "Expected a role of the order's process, whose holders see the personal values in it, found none: ask without `disclose`, or as somebody who takes part.",
  );
}

/** A definition decides for its own entries whose roles take part. */
async function visibleOf(
  { library }: Pick<Reading, "library">,
  caller: Caller,
  entries: Entries,
): Promise<Entries> {
  const seeing = new Set<string>();
  for (const digest of new Set(entries.map((entry) => entry.digest))) {
    const executable = await library.load(digest);
    if (executable !== null && maySeePersons(executable, caller)) seeing.add(digest);
  }
  return entries.filter(({ digest }) => seeing.has(digest));
}

/** A pointer names what stands at it and below it, in every entry that has it. */
function isNamed(choice: string, { commitment, pointer }: SealedPlace): boolean {
  return choice === commitment || choice === pointer || pointer.startsWith(`${choice}/`);
}

async function opened(
  reading: Reading,
  id: string,
  commitments: readonly string[],
): Promise<readonly SealedRow[]> {
  const rows = await openedRows(reading, id, commitments);
  return [...rows.opened, ...rows.clear].filter(fitsCommitment);
}

function unknown(choice: string): Refused {
  return refused(
    "disclosure-unknown",
    `Expected in \`disclose\` where a value of this order is sealed (a JSON Pointer into an entry's payload, or a commitment), found "${choice}": \`sealed\` in the stored lines names all of them.`,
  );
}
