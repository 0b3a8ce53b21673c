/** The stored order that a write makes, as a database would hold it. */

import type { OrderWrite, StoredOrder } from "../../src/store/store.ts";

export function storedAfter(
  id: string,
  { order, entry }: Pick<OrderWrite, "order" | "entry">,
): StoredOrder {
  return {
    ...order,
    id,
    revision: entry.revision,
    lastHash: entry.hash,
    at: entry.at,
    createdAt: entry.at,
    updatedAt: entry.at,
    testClock: null,
    subject: null,
  };
}
