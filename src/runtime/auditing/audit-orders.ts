/** Audits orders some at once: while the database reads for one, another is replayed. */

import type { StoredCheckpoint } from "../../store/contracts/merkle-log.ts";
import { othersTurn } from "../in-turns.ts";
import type { Reading } from "../read.ts";
import { auditOrder, type AuditedOrder, type ToAudit } from "./audit-order.ts";

const AT_ONCE = 4;

/** In the order in which they are given. */
export async function auditOrders(
  reading: Reading,
  orders: readonly ToAudit[],
  checkpoint: Pick<StoredCheckpoint, "time"> | null,
): Promise<readonly AuditedOrder[]> {
  const audited = new Map<ToAudit, AuditedOrder>();
  const waiting = [...orders];
  const work = async (): Promise<void> => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      audited.set(order, await auditOrder(reading, order, checkpoint));
      await othersTurn();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return orders.flatMap((order) => audited.get(order) ?? []);
}
