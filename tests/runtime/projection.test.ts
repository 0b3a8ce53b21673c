/** A database of an earlier release gets its tasks and tags, exactly as if they had been there from the start. */

import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { afterEach, expect, test } from "vitest";
import type { Caller } from "../../src/runtime/engine.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { createProjector } from "../../src/runtime/projection.ts";
import type { Database } from "../../src/store/database.ts";
import * as tasksMigration from "../../src/store/migrations/0008-tasks.ts";
import * as hotOrdersMigration from "../../src/store/migrations/0020-hot-orders.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { ADMIN, granted, server, until, type Server } from "./engine.ts";
import { GARAGE } from "./garage.ts";

/** In every role of the garage. */
const ANYBODY: Caller = { ...ADMIN, roles: ["admin", "advisor", "technician", "customer"] };

describeOnDatabases("orders that an earlier release wrote", (open, _kind, raw) => {
  let running: Server | null = null;
  afterEach(async () => {
    await running?.engine.stop();
    running = null;
  });

  const garage = async (): Promise<Server> => {
    const opened = await server(open);
    granted(await opened.engine.definitions.publish(ADMIN, { text: GARAGE, format: "yaml" }));
    return opened;
  };
  const project = async ({ store }: Server, log: (message: string) => void): Promise<void> => {
    const write = (_fields: object, message: string): void => log(message);
    const ports = { store, library: createLibrary(store) };
    const round = createProjector({ ...ports, log: { info: write, warn: write, error: write } });
    while ((await round(new AbortController().signal)) === 0);
  };

  test("the migration leaves them readable, and a server that starts catches all of them up", async () => {
    const opened = await garage();
    const roads = [[], ["AGAIN"], ["ACCEPT"], ["ACCEPT", "START"], ["ACCEPT", "STOP", "RESUME"]];
    const end = ["ACCEPT", "ADD", "START", "SIGN", "FINISH", "PAY"];
    for (const road of [...roads, end.slice(0, 2), end]) await drive(opened, road);
    const before = await everythingIn(opened);
    await asReleasedBefore(await raw());
    expect(await everythingIn(opened)).toMatchObject({ tasks: [], moving: [], done: before.done });
    running = opened;
    opened.engine.start();
    await until(
      async () => (await opened.store.tasks.behind({ after: "", limit: 1 })).items.length === 0,
    );
    expect(await everythingIn(opened)).toEqual(before);
    expect(before.tasks.length).toBeGreaterThan(8);
    expect(before.moving).toHaveLength(4);
  });

  test("an order that moves on before it was caught up is caught up all the same, and who has a task keeps it", async () => {
    const opened = await garage();
    const { engine } = opened;
    const id = await drive(opened, ["ACCEPT"]);
    granted(await engine.tasks.claim(ANYBODY, `${id}.2.2`, {}));
    const { db } = await raw();
    // A server of the earlier release moves it: the rows of tasks and tags stay as they were.
    await sql`create table kept as select * from tasks`.execute(db);
    await sql`delete from tasks`.execute(db);
    await sql`update orders set projected = null`.execute(db);
    await send(opened, id, "START");
    await sql`insert into tasks select * from kept`.execute(db);
    await sql`drop table kept`.execute(db);
    await sql`update orders set projected = 2, tags = '{}'`.execute(db);
    await send(opened, id, "NOTE");
    expect(await tasksIn(opened)).toMatchObject([{ id: `${id}.2.1` }, { id: `${id}.2.2` }]);
    await project(opened, () => {});
    expect(await tasksIn(opened)).toMatchObject([
      { id: `${id}.2.2`, assignee: ANYBODY.sub },
      { id: `${id}.3.1`, assignee: null, state: "work.hands.doing" },
    ]);
    await send(opened, id, "FINISH");
    expect(await tasksIn(opened)).toMatchObject([{ id: `${id}.2.2`, assignee: ANYBODY.sub }]);
  });

  test("one that can't be caught up is reported, and delays no other", async () => {
    const opened = await garage();
    const first = await drive(opened, ["ACCEPT"]);
    const second = await drive(opened, ["ACCEPT"]);
    const { db } = await raw();
    await sql`update orders set projected = null`.execute(db);
    await sql`delete from tasks`.execute(db);
    await sql`update orders set digest = 'nobody knows it' where id = ${first}`.execute(db);
    const messages: string[] = [];
    await project(opened, (message) => messages.push(message));
    expect(messages).toEqual(["the tasks of an order could not be caught up"]);
    await sql`update orders set digest = (select digest from definitions)`.execute(db);
    expect((await tasksIn(opened)).map(({ order }) => order)).toEqual([second, second]);
  });

  test("one whose history was altered shows what is open now", async () => {
    const opened = await garage();
    const id = await drive(opened, ["ACCEPT", "NOTE"]);
    const { db } = await raw();
    await sql`update orders set projected = null`.execute(db);
    await sql`update entries set line = replace(line, 'ACCEPT', 'EXCEPT')`.execute(db);
    await project(opened, () => {});
    expect(await tasksIn(opened)).toMatchObject([
      { id: `${id}.3.1`, state: "work.hands.todo" },
      { id: `${id}.3.2`, state: "work.papers.form" },
    ]);
  });
});

async function drive(opened: Server, road: readonly string[]): Promise<string> {
  const { order } = granted(await opened.engine.orders.create(ANYBODY, { process: "garage" }));
  for (const type of road) await send(opened, order.id, type);
  return order.id;
}

const PAYLOADS: Readonly<Record<string, object>> = {
  PAY: { amount: 1 },
  ADD: { line: "brakes" },
  NOTE: { note: "late" },
};

async function send({ engine }: Server, id: string, type: string): Promise<void> {
  const payload = { ...PAYLOADS[type] };
  granted(await engine.orders.send(ANYBODY, id, { type, payload }));
}

async function tasksIn({ engine }: Server) {
  return (await engine.tasks.list(ANYBODY, {}, { limit: 100 })).items;
}

async function everythingIn(opened: Server) {
  const { orders } = opened.engine;
  const tagged = granted(await orders.list(ADMIN, { tag: "moving" }, { limit: 100 }));
  const done = granted(await orders.list(ADMIN, { status: "done" }, { limit: 100 }));
  return {
    tasks: await tasksIn(opened),
    moving: tagged.items.map(({ id }) => id),
    done: done.items.map(({ id }) => id),
  };
}

/** Undoes the migrations of tasks and of what follows from them, and does both again on what is there. */
async function asReleasedBefore({ db }: Database): Promise<void> {
  await sql`drop table tasks`.execute(db);
  await sql`drop index timers_stuck`.execute(db);
  // With them go the indexes that hold them.
  await sql`alter table orders drop column changed_during, drop column is_behind`.execute(db);
  await sql`alter table orders drop column tags, drop column projected`.execute(db);
  await sql`create index orders_newest on orders (updated_at desc, id desc)`.execute(db);
  const migrations = { "0008-tasks": tasksMigration, "0020-hot-orders": hotOrdersMigration };
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  const again = { migrationTableName: "kysely_again", migrationLockTableName: "kysely_again_lock" };
  const { error } = await new Migrator({ db, provider, ...again }).migrateToLatest();
  expect(error).toBeUndefined();
}
