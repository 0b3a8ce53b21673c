/** Table `sealed`: personal values and their salts, beside the history that holds only commitments to them. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type { Db } from "../database.ts";
import { parseJson } from "../json-text.ts";
import type { Sealed, SealedValue } from "../store.ts";

export interface SealedTable {
  readonly order_id: string;
  readonly commitment: string;
  readonly salt: string;
  /** JSON text. */
  readonly value: string;
}

export function sealedOn({ db }: Context): Sealed {
  const rows: Sealed["rows"] = async (orderId, commitments) => {
    // A commitment names its salt and value: rows that share it are one, and a forged one beside it is not.
    const found = await db
      .selectFrom("sealed")
      .distinct()
      .select(["commitment", "salt", "value"])
      .where("order_id", "=", orderId)
      .where(sql<boolean>`commitment = any(${[...commitments]}::text[])`)
      .execute();
    return found.map((row) => ({ ...row, value: parseJson(row.value) }));
  };
  return {
    rows,
    open: async (orderId, commitments) =>
      new Map((await rows(orderId, commitments)).map((row) => [row.commitment, row.value])),
  };
}

export async function insertSealed(
  db: Db,
  orderId: string,
  values: readonly SealedValue[],
): Promise<void> {
  if (values.length === 0) return;
  const rows = values.map(({ commitment, salt, value }) => ({
    order_id: orderId,
    commitment,
    salt,
    value: JSON.stringify(value),
  }));
  await db.insertInto("sealed").values(rows).execute();
}
