/** Words between servers on a real server: its connection breaks, is made anew, and those who listen are told. */

import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Signals } from "../../src/store/contracts/signals.ts";
import { postgresSignals } from "../../src/store/postgres-signals.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { createDatabase } from "../support/databases.ts";

let database = { url: "", drop: () => Promise.resolve() };

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

interface Heard {
  readonly signals: Signals;
  readonly words: (string | null)[];
  readonly stop: () => Promise<void>;
}

/** Listens, and is connected. */
async function listener(url = database.url): Promise<Heard> {
  const words: (string | null)[] = [];
  const signals = postgresSignals({ connectionString: url });
  const { stop } = signals.listen((word) => words.push(word));
  await expect.poll(() => words).toEqual([null]);
  return { signals, words, stop };
}

describe("words between servers", () => {
  test("reach all who listen, in order, whatever they hold", async () => {
    const [one, other] = [await listener(), await listener()];
    const said = ["a", "工单", "'; drop table orders; --", "x".repeat(7_900)];
    await one.signals.send(said);
    await expect.poll(() => other.words).toEqual([null, ...said]);
    await expect.poll(() => one.words).toEqual([null, ...said]);
    await Promise.all([one.stop(), other.stop()]);
  });

  test("are heard again after the connection was ended by the database, and the gap is told", async () => {
    const [one, other] = [await listener(), await listener()];
    const startedAt = performance.now();
    expect(await terminateListeners()).toBe(2);
    await expect
      .poll(() => [one.words, other.words])
      .toEqual([
        [null, null],
        [null, null],
      ]);
    const tookMs = Math.round(performance.now() - startedAt);
    await one.signals.send(["again"]);
    await expect.poll(() => other.words).toEqual([null, null, "again"]);
    console.log(`signals: listening again ${tookMs} ms after both connections were terminated`);
    await Promise.all([one.stop(), other.stop()]);
  });

  test("are not waited for while the database is away; its return is noticed", async () => {
    const port = Number(new URL(database.url).port);
    let target = port;
    const proxy = await cuttingProxy({ target: () => target, cutAfter: () => null });
    const url = new URL(database.url);
    url.port = String(proxy.port);
    const { signals, words, stop } = await listener(url.href);
    target = 1;
    proxy.cutAll();
    await sleep(500);
    await signals.send(["lost"]);
    expect(words).toEqual([null]);
    target = port;
    await expect.poll(() => words).toEqual([null, null]);
    await stop();
    await proxy.close();
  });

  test("are heard no more once listening has stopped, and its connection is given back", async () => {
    const [one, other] = [await listener(), await listener()];
    await other.stop();
    await one.signals.send(["after"]);
    await expect.poll(() => one.words).toEqual([null, "after"]);
    expect(other.words).toEqual([null]);
    await one.stop();
    expect(await terminateListeners()).toBe(0);
  });
});

/** @returns how many connections it ended */
async function terminateListeners(): Promise<number> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await client.end();
  return rowCount ?? 0;
}
