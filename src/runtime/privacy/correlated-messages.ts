/** Kept messages that no business key names, and that fields of a person's orders do: what they hold is of the person, too. */

import { isJsonObject, type Json } from "../../../machines/json.ts";
import type { CorrelatedField } from "../../store/contracts/messages.ts";
import { OrderDamaged } from "../../store/errors.ts";
import type { Store } from "../../store/store.ts";

const PAGE = 500;

/** Names of their lanes. An order that ended waits for nothing. */
export async function lanesOf(
  { orders, messages }: Pick<Store, "orders" | "messages">,
  orderIds: readonly string[],
): Promise<readonly string[]> {
  if (!(await messages.anyKept())) return [];
  const found: string[] = [];
  const all: Json[] = [];
  for (const id of orderIds) {
    const order = await orders.get(id, { centres: "*" }).catch(noneWhereDamaged);
    if (order !== null && order.status !== "done") all.push(order.snapshot.value().data);
  }
  if (all.length === 0) return [];
  for (let after = ""; ;) {
    const page = await messages.lanes(null, { after, limit: PAGE });
    for (const { lane, correlation } of page) {
      const { businessKey, fields } = correlation;
      if (businessKey === null && all.some((data) => holds(data, fields))) found.push(lane);
    }
    if (page.length < PAGE) return found;
    after = page.at(-1)?.lane ?? "";
  }
}

function holds(data: Json, fields: readonly CorrelatedField[]): boolean {
  return fields.every(({ path, value }) => {
    let at: Json | undefined = data;
    for (const key of path) at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    return at === value;
  });
}

/** What can't be read is found by no message either. */
function noneWhereDamaged(error: unknown): null {
  if (error instanceof OrderDamaged) return null;
  throw error;
}
