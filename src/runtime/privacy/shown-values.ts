/** All that an order's history holds of its person, restricted or not: only for a case whose history tells of it. */

import { parseLine } from "../../audit/parse-line.ts";
import type { Store } from "../../store/store.ts";
import type { ShownValue } from "../contracts/personal-data.ts";
import type { Keyring } from "../keyring.ts";
import { openedValues } from "../seals.ts";

const PAGE = 200;

/** In the order of the history; what is erased is told of without its value. */
export async function shownValues(
  { store, keyring }: { readonly store: Store; readonly keyring: Pick<Keyring, "read"> },
  orderId: string,
): Promise<readonly ShownValue[]> {
  const shown: ShownValue[] = [];
  for (let after = 0; ; after += PAGE) {
    const page = await store.orders.history(orderId, { after, limit: PAGE }, { centres: "*" });
    const places = page.flatMap(({ line }) => placesIn(line));
    const commitments = places.map(({ commitment }) => commitment);
    const opening = { store, keyring, evenRestricted: true } as const;
    const values = await openedValues(opening, orderId, commitments);
    for (const place of places) {
      const value = values.get(place.commitment);
      shown.push({ ...place, value: value ?? null, erased: value === undefined });
    }
    if (page.length < PAGE) return shown;
  }
}

function placesIn(line: string): readonly Omit<ShownValue, "value" | "erased">[] {
  const parsed = parseLine(line);
  if (parsed.kind !== "entry") return [];
  const { revision, type, sealed } = parsed.entry;
  return Object.entries(sealed).map(([pointer, commitment]) => ({
    ...{ revision, type, pointer, commitment },
  }));
}
