/** The outbox messages of archived orders: they lie in the order's own row, all together. */

import { sql } from "kysely";

import type { Db } from "../database.ts";
import { parseObject } from "../json-text.ts";
import type { OutboxMessage } from "../store.ts";
import { archivePlace, closedAs } from "./archive-places.ts";

interface Row extends Omit<OutboxMessage, "orderId" | "params" | "values"> {
  readonly params: string;
  readonly values: string | null;
}

/** As `Outbox.list`. */
export async function archivedMessages(
  db: Db,
  orderId: string,
  { afterRevision, limit }: { readonly afterRevision: number; readonly limit: number },
): Promise<readonly OutboxMessage[]> {
  const place = await archivePlace(db, orderId);
  if (place === null) return [];
  const { rows } = await sql<Row>`
    select (message->>0)::integer as revision, (message->>1)::integer as index,
      (message->>2)::timestamptz as at, message->>3 as type, message->>4 as item,
      message->>5 as params, message->>6 as values
    from archived_orders cross join lateral json_array_elements(outbox::json) as message
    where id = ${orderId} and ${closedAs(place, "updated_at")}
      and (message->>0)::integer > ${afterRevision}::integer
    order by 1, 2 limit ${limit}`.execute(db);
  return rows.map(({ params, values, ...row }) => ({
    ...{ ...row, orderId, params: parseObject(params) },
    values: values === null ? null : parseObject(values),
  }));
}
