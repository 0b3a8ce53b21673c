/**
 * Where each table lies when the database is distributed over several machines by Citus: what belongs to an order goes by
 * the order's id, all of it to the same shard; what every order needs is copied to every machine; the rest stays on the
 * coordinator. https://docs.citusdata.com/en/stable/develop/api_udf.html
 */

import type { Tables } from "./database.ts";

export type Placement =
  /** By the column that holds the order's id: rows of one order lie together, whichever table they are in. */
  | { readonly kind: "order"; readonly column: "id" | "order_id" }
  /** By an id of its own: no statement joins it to an order's rows. */
  | { readonly kind: "own"; readonly column: string }
  /** Small, seldom written, and read everywhere. */
  | { readonly kind: "reference" }
  /** On the coordinator: numbered in one line, or too little to be spread. */
  | { readonly kind: "local" };

const ORDER = { kind: "order", column: "order_id" } as const;
const ORDERS_OWN = { kind: "order", column: "id" } as const;
const REFERENCE = { kind: "reference" } as const;
const LOCAL = { kind: "local" } as const;

/** Closed: a table that is new does not compile before it has its place. */
export const placements: Readonly<Record<keyof Tables, Placement>> = {
  orders: ORDERS_OWN,
  entries: ORDER,
  snapshots: ORDER,
  order_subjects: ORDER,
  sealed_boxes: ORDER,
  sealed: ORDER,
  timers: ORDER,
  jobs: ORDER,
  tasks: ORDER,
  outbox: ORDER,
  incidents: ORDER,
  reservations: ORDER,
  delivery_lanes: ORDER,
  deliveries: ORDER,
  archive_places: ORDER,
  archived_orders: ORDERS_OWN,
  archived_entries: ORDER,
  // A key is of a caller and not of an order: the same key with another order must be found, too.
  idempotency: { kind: "own", column: "id" },
  definitions: REFERENCE,
  default_versions: REFERENCE,
  webhooks: REFERENCE,
  restrictions: REFERENCE,
  resources: REFERENCE,
  test_clocks: REFERENCE,
  feed: LOCAL,
  feed_batches: LOCAL,
  feed_pending: LOCAL,
  log_tiles: LOCAL,
  log_checkpoints: LOCAL,
  log_keys: LOCAL,
  keystore: LOCAL,
  messages: LOCAL,
  api_keys: LOCAL,
};

/** Tables that are copied come first: those that are distributed may refer to them. */
const TURN = { reference: 0, order: 1, own: 2, local: 3 } as const;

/**
 * For `psql` on the coordinator, after the servers have made the schema and while none of them runs: rows that are there
 * move, and writes would wait. The coordinator must be known to the others (`citus_set_coordinator_host`).
 *
 * @param shards into which orders are spread; not to be changed later without moving them all
 */
export function distributionScript(shards: number): string {
  const inTurn = Object.entries(placements).toSorted(
    ([, one], [, other]) => TURN[one.kind] - TURN[other.kind],
  );
  const statements = inTurn.map(([table, placement]) => statementFor(table, placement, shards));
  return `\\set ON_ERROR_STOP on
create extension if not exists citus;
begin;
${statements.join("\n")}
commit;
`;
}

function statementFor(table: string, placement: Placement, shards: number): string {
  switch (placement.kind) {
    case "order": {
      const where =
        table === "orders"
          ? `shard_count => ${shards}, colocate_with => 'none'`
          : "colocate_with => 'orders'";
      return `select create_distributed_table('${table}', '${placement.column}', ${where});`;
    }
    case "own":
      return `select create_distributed_table('${table}', '${placement.column}', shard_count => ${shards}, colocate_with => 'none');`;
    case "reference":
      return `select create_reference_table('${table}');`;
    case "local":
      return `select citus_add_local_table_to_metadata('${table}');`;
  }
}
