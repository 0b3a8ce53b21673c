/** A kept message takes effect once: the order's change and the message's end are one transaction. */

import { change } from "./change.ts";
import type { Context } from "./context.ts";
import { MessageGone } from "./errors.ts";
import type { Decide } from "./store.ts";
import { messageDelivered, takeMessage } from "./tables/messages.ts";
import { inTransaction } from "./transaction.ts";

/**
 * The message's lock goes before the order's, as nobody else takes them in the other order.
 * @throws {MessageGone} when the message is no longer kept; and what `change` throws
 */
export function deliverMessage<T>(
  context: Context,
  messageId: string,
  orderId: string,
  decide: Decide<T>,
): Promise<T> {
  return inTransaction(context, async (inner) => {
    if (!(await takeMessage(inner, messageId))) {
      throw new MessageGone(`The message ${messageId} is no longer kept.`);
    }
    let revision: number | null = null;
    const result = await change(inner, orderId, (current, now) => {
      const decision = decide(current, now);
      revision = decision.kind === "write" ? decision.write.entry.revision : null;
      return decision;
    });
    if (revision !== null) await messageDelivered(inner, messageId, orderId, revision);
    return result;
  });
}
