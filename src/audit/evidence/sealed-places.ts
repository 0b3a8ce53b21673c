/** Which values a history has sealed, and where they stood: the order in which a bundle holds those that it discloses. */

import type { Entry } from "../entry.ts";

export interface SealedPlace {
  readonly revision: number;
  /** JSON Pointer into that entry's payload. */
  readonly pointer: string;
}

/** By commitment, in the order in which the entries name them. */
export function sealedIn(
  entries: readonly Pick<Entry, "revision" | "sealed">[],
): ReadonlyMap<string, SealedPlace> {
  return new Map(
    entries.flatMap(({ revision, sealed }) =>
      Object.entries(sealed).map(
        ([pointer, commitment]) => [commitment, { revision, pointer }] as const,
      ),
    ),
  );
}
