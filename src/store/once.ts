/** Does work that is not one order's change once per idempotency key: the work and its record are one transaction. */

import type { Context } from "./context.ts";
import type { IdempotencyKey, IdempotencyRecord, Once } from "./contracts/idempotency.ts";
import { insertRecord, takeKey } from "./tables/idempotency.ts";
import { inTransaction } from "./transaction.ts";

export function once(
  context: Context,
  key: IdempotencyKey,
  work: (inner: Context) => Promise<IdempotencyRecord>,
): Promise<Once> {
  return inTransaction(context, async (inner) => {
    const settled = await takeKey(inner, key);
    if (settled !== null) return settled;
    const record = await work(inner);
    await insertRecord(inner, key, record);
    return { kind: "done", record };
  });
}
