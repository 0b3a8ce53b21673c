/** Brings a database's schema up to date; several servers may do so at once, each step is applied once. */

import { Migrator, type Migration, type MigrationProvider } from "kysely/migration";

import type { Database } from "./database.ts";
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

/** In order; a migration that was released never changes. */
const migrations: Readonly<Record<string, Migration>> = {
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
};

const provider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...migrations }),
};

/** @throws the database's error, with nothing applied: all pending migrations are one transaction */
export function migrate(database: Database): Promise<void> {
  return database.migrating(async (db) => {
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error === undefined) return;
    throw error instanceof Error ? error : new Error("the migration failed", { cause: error });
  });
}
