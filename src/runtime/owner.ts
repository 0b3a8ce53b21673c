/** Whose data an order holds is told by what it was started with: the row beside the history says the same, or was changed. */

import type { Entry } from "../audit/entry.ts";
import { commitmentsIn } from "../../machines/schema/tokens.ts";
import type { Store, StoredOrder } from "../store/store.ts";
import type { Keyring } from "./keyring.ts";
import { openedValues, subjectTag } from "./seals.ts";

export interface OwnerMisfit {
  readonly expected: string;
  readonly found: string;
}

/** @param first the order's first entry @returns null also where an erasure took away what would tell */
export async function ownerMisfit(
  { store, keyring }: { readonly store: Store; readonly keyring: Pick<Keyring, "read" | "tagOf"> },
  first: Entry,
  { id, centre, subject }: Pick<StoredOrder, "id" | "centre" | "subject">,
): Promise<OwnerMisfit | null> {
  const commitments = commitmentsIn(first.payload["subject"] ?? null);
  const misfit = (expected: string | null): OwnerMisfit => ({
    expected: expected ?? "the order's own",
    found: subject ?? "the order's own",
  });
  const [commitment] = commitments;
  if (commitment === undefined) return subject === null ? null : misfit(null);
  const kept = await store.sealed.kept(id, commitments);
  if (kept.values.length > 0 && kept.subject !== subject) return misfit(kept.subject);
  const shownToNobody = { store, keyring, evenRestricted: true } as const;
  const named = (await openedValues(shownToNobody, id, commitments)).get(commitment);
  if (typeof named !== "string") return subject === null ? misfit("a subject") : null;
  const expected = subjectTag(keyring, centre, named);
  return expected === subject ? null : misfit(expected);
}
