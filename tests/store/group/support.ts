/** Parts of the group writer by themselves: orders and tasks as small as can be, and a statement's parameters without a database. */

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";

import type { Db, Tables } from "../../../src/store/database.ts";
import type { IdempotencyKey } from "../../../src/store/contracts/idempotency.ts";
import type { Task } from "../../../src/store/group/lanes.ts";
import { writtenOrder, type PlannedWrite } from "../../../src/store/group/planned-write.ts";
import type { StoredOrder } from "../../../src/store/store.ts";
import { openPostgres } from "../../../src/store/postgres.ts";
import { storeOn } from "../../../src/store/store-on.ts";
import { createDatabase } from "../../support/databases.ts";
import { next, type Wanted } from "../fixtures.ts";

/** Compiles statements, and runs none. */
export const nowhere: Db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

export function plannedWrite(
  orderId: string,
  current: StoredOrder | null = null,
  {
    wanted = {},
    key = null,
  }: { readonly wanted?: Wanted; readonly key?: IdempotencyKey | null } = {},
): PlannedWrite {
  const now = current?.at ?? 1_000_000;
  const decision = next(current, now, wanted);
  if (decision.kind !== "write") throw new Error("expected a write");
  return { orderId, current, write: decision.write, now, key, keep: null };
}

/** At its first revision, or moved on so often. */
export function storedOrder(orderId: string, revision = 1, wanted: Wanted = {}): StoredOrder {
  let order: StoredOrder | null = null;
  for (let each = 0; each < revision || order === null; each += 1) {
    order = writtenOrder(plannedWrite(orderId, order, { wanted }));
  }
  return order;
}

export interface TestTask extends Task {
  /** What it came to, in order: more than one is a defect. */
  readonly ends: string[];
  readonly ended: Promise<string>;
}

export function testTask(orderId: string, different: Partial<Task> = {}): TestTask {
  const ends: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const end = (how: string): void => {
    ends.push(how);
    resolve(how);
  };
  return {
    ...{ orderId, key: null, ends, ended },
    plan: (current) => ({ kind: "write", planned: plannedWrite(orderId, current) }),
    done: () => end("done"),
    settle: () => end("settled"),
    failed: (error) => end(String(error)),
    alone: () => {
      end("alone");
      return Promise.resolve();
    },
    ...different,
  };
}

/** A migrated database of its own on the Postgres server. */
export async function onServer(work: (url: string) => Promise<void>): Promise<void> {
  const { url, drop } = await createDatabase();
  const store = storeOn(openPostgres(url));
  await store.migrate();
  await store.close();
  await work(url);
  await drop();
}
