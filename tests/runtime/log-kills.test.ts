/**
 * A thousand kills of the servers that number entries and sign the log: before, in and behind every step, in the middle of a
 * transaction and of a line of the file. Whatever the moment, each entry is in the log once, and in its place.
 */

import { rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpointIn } from "../../src/audit/log/grow.ts";
import { checkpointFileAt } from "../../src/keys/checkpoint-file.ts";
import { logKeyFile } from "../../src/keys/log-key-file.ts";
import type { LogKeeping } from "../../src/runtime/log-keeping.ts";
import { createGrowing, createKeeping } from "../../src/runtime/log-loop.ts";
import { checkStanding } from "../../src/runtime/log-standing.ts";
import type { Log } from "../../src/runtime/ports.ts";
import { sequenceEntries } from "../../src/runtime/sequencer.ts";
import type { Database } from "../../src/store/database.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { seeded } from "../support/cutting-proxy.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { proven } from "../store/conformance/log.ts";
import { advance } from "../store/fixtures.ts";
import { virtualClock } from "./virtual-clock.ts";

const KILLS = 1_000;
/** Of a step and of each row that a transaction writes. */
const CHANCE = 0.08;
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

class Killed extends Error {}

let database: Database;
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder("log-kills");
  database = await openPgliteInMemory(await pgliteTemplate());
  await storeOn(database).migrate();
  const { db } = database;
  await sql`select setseed(0.42)`.execute(db);
  await sql`
    create function killed() returns trigger language plpgsql as $$
    begin
      if current_setting('test.kills', true) = 'on' and random() < ${sql.lit(CHANCE)} then
        raise exception 'killed';
      end if;
      return null;
    end $$`.execute(db);
  for (const table of ["feed", "feed_batches", "log_tiles", "log_checkpoints", "log_keys"]) {
    await sql`
      create trigger killed after insert or update or delete on ${sql.table(table)}
      for each statement execute function killed()`.execute(db);
  }
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const random = seeded(7);
let kills = 0;

function mayDie(): void {
  if (random() >= CHANCE) return;
  kills += 1;
  throw new Killed();
}

/** Dies before a step, or behind it: done, and never heard of. */
function mortal<Arguments extends readonly unknown[], Result>(
  step: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  return async (...args) => {
    mayDie();
    const result = await step(...args);
    mayDie();
    return result;
  };
}

/** The file as its server leaves it: with a part of the last line, when it dies amid that. */
function mortalKeeping(name: string): LogKeeping {
  const path = join(folder, name);
  const signer = logKeyFile(join(folder, "log-key"));
  const file = checkpointFileAt(path);
  return {
    signer: { ...signer, read: mortal(signer.read), make: mortal(signer.make) },
    file: {
      ...file,
      newest: mortal(file.newest),
      append: async (notes) => {
        mayDie();
        const before = await stat(path).then(
          ({ size }) => size,
          () => 0,
        );
        await file.append(notes);
        if (random() < CHANCE) {
          const { size } = await stat(path);
          await truncate(path, before + Math.floor(random() * (size - before)));
          kills += 1;
          throw new Killed();
        }
        mayDie();
      },
    },
  };
}

describe("a server that is killed while it numbers entries or signs the log", () => {
  test("has left no entry outside the log, and none in it twice", async () => {
    const clock = virtualClock(Date.now());
    const store = storeOn(database);
    const { log, feed } = store;
    const mortalStore: Pick<Store, "log" | "feed"> = {
      feed: { ...feed, sequence: mortal(feed.sequence) },
      log: {
        ...log,
        ...{ grow: mortal(log.grow), newest: mortal(log.newest), keys: mortal(log.keys) },
        ...{ addKey: mortal(log.addKey), checkpoints: mortal(log.checkpoints) },
      },
    };
    const bus = { publish: () => {} };
    const start = (name: string) => {
      const keeping = mortalKeeping(name);
      const ports = { store: mortalStore, bus, clock, random: bytes, log: SILENT, ...keeping };
      const grow = createGrowing(ports);
      const keep = createKeeping(ports);
      const signal = new AbortController().signal;
      return async (): Promise<void> => {
        await sequenceEntries(mortalStore.feed, bus);
        clock.advance(1_000);
        await grow(signal);
        await keep();
      };
    };
    const names = ["checkpoints-a", "checkpoints-b"];
    const servers = names.map(start);
    let written = 0;
    await sql`set test.kills = 'on'`.execute(database.db);
    while (kills < KILLS) {
      await sql`set test.kills = 'off'`.execute(database.db);
      for (let count = Math.ceil(random() * 3); count > 0; count -= 1) {
        await advance(store, `o${written % 5}`);
        written += 1;
      }
      await sql`set test.kills = 'on'`.execute(database.db);
      for (const [at, server] of servers.entries()) {
        try {
          await server();
        } catch (error) {
          if (!(error instanceof Killed)) {
            if (!String(error).includes("killed")) throw error;
            kills += 1;
          }
          servers[at] = start(names[at] ?? "");
          // What a new server checks first: a kill is no rolled back database.
          await checkStanding(log, checkpointFileAt(join(folder, names[at] ?? "")));
        }
      }
    }
    await sql`set test.kills = 'off'`.execute(database.db);
    while (!(await atPeace(store)))
      await Promise.all(servers.map((server) => server().catch(() => {})));
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    const places = await proven(store);
    expect(places).toHaveLength(written);
    expect(new Set(places).size).toBe(written);
    const kept = await log.checkpoints(0, 1e6);
    expect(checkpointIn(kept.at(-1)?.note ?? "")?.size).toBe(written);
    process.stderr.write(
      `${kills} kills, ${written} entries, ${kept.length} checkpoints: each entry once\n`,
    );
  }, 300_000);
});

async function atPeace({ log, feed }: Pick<Store, "log" | "feed">): Promise<boolean> {
  const [newest, waiting] = [await log.newest(), await feed.sequence(1_000)];
  return waiting.kind === "appended" && waiting.count === 0 && newest?.size === waiting.head;
}

function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
}
