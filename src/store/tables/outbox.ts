/** Table `outbox`: what an order sends out, in the order of its history. */

import type { Context } from "../context.ts";
import type { Db, TimestampColumn } from "../database.ts";
import { parseObject } from "../json-text.ts";
import type { HistoryEntry, NewMessage, Outbox } from "../store.ts";
import { timestamp } from "../timestamp.ts";
import { archivedMessages } from "./archived-outbox.ts";

export interface OutboxTable {
  readonly order_id: string;
  readonly revision: number;
  readonly position: number;
  readonly at: TimestampColumn;
  readonly type: string;
  readonly item: string | null;
  /** JSON text. */
  readonly params: string;
  /** JSON text: the evaluated placeholders of the message's text, by expression. */
  readonly placeholder_values: string | null;
}

export function outboxOn({ db }: Context): Outbox {
  return {
    list: async (orderId, { afterRevision, limit }) => {
      const rows = await db
        .selectFrom("outbox")
        .selectAll()
        .where("order_id", "=", orderId)
        .where("revision", ">", afterRevision)
        .orderBy("revision")
        .orderBy("position")
        .limit(limit)
        .execute();
      if (rows.length === 0) return archivedMessages(db, orderId, { afterRevision, limit });
      return rows.map((row) => ({
        ...{ orderId: row.order_id, revision: row.revision, index: row.position, at: row.at },
        ...{ type: row.type, item: row.item, params: parseObject(row.params) },
        values: row.placeholder_values === null ? null : parseObject(row.placeholder_values),
      }));
    },
  };
}

export async function insertMessages(
  db: Db,
  orderId: string,
  { revision, at }: HistoryEntry,
  messages: readonly NewMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const rows = messages.map(({ type, item, params, values }, position) => ({
    ...{ order_id: orderId, revision, position, at: timestamp(at), type, item },
    params: JSON.stringify(params),
    placeholder_values: values === null ? null : JSON.stringify(values),
  }));
  await db.insertInto("outbox").values(rows).execute();
}
