/** Brings a database's schema up to date; several servers may do so at once, each step is applied once. */

import { sql } from "kysely";
import {
  DEFAULT_MIGRATION_TABLE,
  Migrator,
  type Migration,
  type MigrationProvider,
} from "kysely/migration";

import type { Database, Db } from "./database.ts";
import * as definitions from "./migrations/0001-definitions.ts";
import * as orders from "./migrations/0002-orders.ts";
import * as work from "./migrations/0003-work.ts";
import * as reservations from "./migrations/0004-reservations.ts";
import * as idempotency from "./migrations/0005-idempotency.ts";
import * as webhooks from "./migrations/0006-webhooks.ts";
import * as feed from "./migrations/0007-feed.ts";
import * as tasks from "./migrations/0008-tasks.ts";
import * as messages from "./migrations/0009-messages.ts";
import * as outsideJobs from "./migrations/0011-outside-jobs.ts";
import * as apiKeys from "./migrations/0010-api-keys.ts";
import * as testClockCentres from "./migrations/0012-test-clock-centres.ts";
import * as snapshots from "./migrations/0014-snapshots.ts";
import * as feedBatches from "./migrations/0013-feed-batches.ts";
import * as archive from "./migrations/0015-archive.ts";
import * as feedSequence from "./migrations/0018-feed-sequence.ts";
import * as sealedIndex from "./migrations/0019-sealed-index.ts";
import * as hotOrders from "./migrations/0020-hot-orders.ts";
import * as feedByKey from "./migrations/0021-feed-by-key.ts";
import * as sealedBoxes from "./migrations/0022-sealed-boxes.ts";
import * as log from "./migrations/0023-log.ts";
import * as restrictions from "./migrations/0024-restrictions.ts";
import * as keystore from "./migrations/0025-keystore.ts";

/** In order; a migration that was released never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-definitions": definitions,
  "0002-orders": orders,
  "0003-work": work,
  "0004-reservations": reservations,
  "0005-idempotency": idempotency,
  "0006-webhooks": webhooks,
  "0007-feed": feed,
  "0008-tasks": tasks,
  "0009-messages": messages,
  "0011-outside-jobs": outsideJobs,
  "0010-api-keys": apiKeys,
  "0012-test-clock-centres": testClockCentres,
  "0014-snapshots": snapshots,
  "0013-feed-batches": feedBatches,
  "0015-archive": archive,
  "0018-feed-sequence": feedSequence,
  "0019-sealed-index": sealedIndex,
  "0020-hot-orders": hotOrders,
  "0021-feed-by-key": feedByKey,
  "0022-sealed-boxes": sealedBoxes,
  "0023-log": log,
  "0024-restrictions": restrictions,
  "0025-keystore": keystore,
};

/** @throws the database's error, with nothing applied: all pending migrations are one transaction */
export function migrate(database: Database): Promise<void> {
  return database.migrating(async (db) => {
    for (let applied = await appliedTo(db); ;) {
      // Most starts: the migrator would look at all of the schema first.
      if (Object.keys(migrations).every((name) => applied.includes(name))) return;
      const { error } = await new Migrator({
        db,
        provider: providerFor(applied),
      }).migrateToLatest();
      if (error === undefined) return;
      const before = applied;
      applied = await appliedTo(db);
      // A server of a later release may have been at it meanwhile.
      if (applied.length > before.length) continue;
      throw error instanceof Error ? error : new Error("the migration failed", { cause: error });
    }
  });
}

/** Migrations by name that this release has and the database has not, and the other way round. */
export async function schemaOf(
  db: Db,
): Promise<{ readonly missing: readonly string[]; readonly later: readonly string[] }> {
  const applied = await appliedTo(db);
  return {
    missing: Object.keys(migrations).filter((name) => !applied.includes(name)),
    later: laterThanOurs(applied),
  };
}

function laterThanOurs(applied: readonly string[]): readonly string[] {
  return applied.filter((name) => !Object.hasOwn(migrations, name));
}

/**
 * Beside a server of a later release this one must still be able to start (and to take over again when that release is
 * given up): what that one added has been done, and does not keep this one from its work.
 */
function providerFor(applied: readonly string[]): MigrationProvider {
  const done = laterThanOurs(applied).map(
    (name) => [name, { up: () => Promise.resolve() }] as const,
  );
  return { getMigrations: () => Promise.resolve({ ...migrations, ...Object.fromEntries(done) }) };
}

async function appliedTo(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly known: boolean }>`
    select to_regclass(${DEFAULT_MIGRATION_TABLE}) is not null as known`.execute(db);
  if (rows[0]?.known !== true) return [];
  const names = await sql<{ readonly name: string }>`
    select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name`.execute(db);
  return names.rows.map(({ name }) => name);
}
