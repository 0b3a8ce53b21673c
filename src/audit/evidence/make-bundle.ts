/** Makes an order's bundle of what was read about it; that it proves what it says, `verifyBundle` tells, of this one too. */

import type { Entry } from "../entry.ts";
import { toBase64 } from "../log/base64.ts";
import type { Hash } from "../log/tree.ts";
import { canonicalText, type SealedRow } from "../seal.ts";
import type { Bundle, Readme } from "./bundle.ts";
import { sealedIn } from "./sealed-places.ts";

export interface BundleParts {
  readonly order: string;
  readonly origin: string;
  /** Verbatim, from the first on. */
  readonly lines: readonly string[];
  /** Of these lines. */
  readonly entries: readonly Pick<Entry, "revision" | "digest" | "sealed">[];
  /** Canonical texts by digest; those that no entry names are left out. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Values to be disclosed, in whatever order; those that no entry commits to are left out. */
  readonly values: readonly SealedRow[];
  /** That the last line's entry stands at this position of the checkpoint's tree. */
  readonly proof: {
    readonly position: number;
    readonly size: number;
    readonly path: readonly Hash[];
  };
  readonly note: string;
  readonly readme: Readme;
}

export function makeBundle(parts: BundleParts): Bundle {
  const { order, origin, lines, entries, note, readme } = parts;
  const digests = [...new Set(entries.map(({ digest }) => digest))];
  const values = new Map(parts.values.map((row) => [row.commitment, row]));
  const { position, size, path } = parts.proof;
  return {
    ...{ order, origin, readme },
    definitions: digests.flatMap((digest) => {
      const text = parts.definitions.get(digest);
      return text === undefined ? [] : [{ digest, text }];
    }),
    lines,
    seals: [...sealedIn(entries).keys()].flatMap((commitment) => {
      const row = values.get(commitment);
      if (row === undefined) return [];
      return [{ commitment, salt: row.salt, value: canonicalText(row.value) }];
    }),
    proof: { position, size, path: path.map(toBase64) },
    note,
  };
}
