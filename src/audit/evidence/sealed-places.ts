/** Which values a history has sealed, and where they stood: the order in which a bundle holds those that it discloses. */

import type { Entry } from "../entry.ts";

export interface SealedPlace {
  readonly commitment: string;
  readonly revision: number;
  /** JSON Pointer into that entry's payload. */
  readonly pointer: string;
}

type Sealing = readonly Pick<Entry, "revision" | "sealed">[];

/** In the order in which the entries name them. A migration names a value again that it takes along. */
export function sealedPlaces(entries: Sealing): readonly SealedPlace[] {
  return entries.flatMap(({ revision, sealed }) =>
    Object.entries(sealed).map(([pointer, commitment]) => ({ commitment, revision, pointer })),
  );
}

/** By commitment, in that order: where each was sealed first. */
export function sealedIn(entries: Sealing): ReadonlyMap<string, SealedPlace> {
  const first = new Map<string, SealedPlace>();
  for (const place of sealedPlaces(entries)) {
    if (!first.has(place.commitment)) first.set(place.commitment, place);
  }
  return first;
}
