/** A read replica beside the primary: a store that only reads, and how fresh what it reads is. */

import pg from "pg";

import { createFreshness, type Freshness } from "./freshness.ts";
import { openPostgres } from "./postgres.ts";
import type { Ports, Store } from "./store.ts";
import { storeOn } from "./store-on.ts";

export interface Replica extends Freshness {
  readonly store: Store;
  /** Monotonic milliseconds, as `asOf` reckons. */
  readonly nowMs: () => number;
  readonly close: () => Promise<void>;
}

export interface ReplicaOptions {
  readonly primaryUrl: string;
  readonly replicaUrl: string;
  readonly ports?: Ports;
}

/** A look that takes longer says nothing: the primary is asked instead. */
const LOOK_TIMEOUT_MS = 900;

/** Nothing is connected before the first question, and a replica that is down harms nobody. */
export function openReplica({ primaryUrl, replicaUrl, ports }: ReplicaOptions): Replica {
  const primary = probe(primaryUrl);
  const standby = probe(replicaUrl);
  const store = storeOn(openPostgres(replicaUrl), ports);
  const nowMs = () => performance.now();
  return {
    ...createFreshness({
      nowMs,
      written: async () =>
        (await bytes(primary, "pg_current_wal_flush_lsn()")) ?? Number.POSITIVE_INFINITY,
      replayed: () =>
        bytes(standby, "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() end"),
    }),
    store,
    nowMs,
    close: async () => {
      await Promise.all([store.close(), primary.end(), standby.end()]);
    },
  };
}

function probe(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    ...{ connectionString, max: 1, keepAlive: true },
    query_timeout: LOOK_TIMEOUT_MS,
    connectionTimeoutMillis: LOOK_TIMEOUT_MS,
  });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** A place in the log as a number of bytes: exact up to nine petabytes. */
async function bytes(pool: pg.Pool, lsn: string): Promise<number | null> {
  const { rows } = await pool.query<{ readonly bytes: number | null }>(
    `select pg_wal_lsn_diff(${lsn}, '0/0')::float8 as bytes`,
  );
  return rows[0]?.bytes ?? null;
}
