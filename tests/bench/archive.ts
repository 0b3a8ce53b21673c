/**
 * Closed orders by the million, and what their way into the archive does: how fast they go, what lies where before and
 * after, what reads of them cost, and what the transitions of living orders notice of it.
 * Run: `npm run bench:archive`. With `--entries 40 --orders 50000` for whole visits.
 */

import { performance } from "node:perf_hooks";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";
import { multiply } from "./archive/multiply.ts";
import { tableSizes } from "./archive/sizes.ts";
import { benchOptions } from "./support/options.ts";
import { createOrders, startOurEngine } from "./support/our-engine.ts";
import { sendInProcess } from "./support/our-load.ts";
import { startOurServer } from "./support/our-server.ts";
import { asked, startBenchPostgres, type BenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { progress, type Figures } from "./support/rounds.ts";
import { median } from "./support/statistics.ts";
import { definitions, playVisits } from "./support/visits.ts";

const options = benchOptions({
  ...{ orders: 1_000_000, entries: 6, months: 6, batch: 2_000 },
  ...{ seconds: 10, senders: 64, reads: 300 },
  /** URL of one that a bench has filled, to go on with; empty: a fresh one. */
  database: "",
});
const EVERYTHING = { centres: "*" } as const;

const report = await startReport("archive");
const postgres = options.database === "" ? await startBenchPostgres() : null;
try {
  const url = postgres === null ? options.database : await filled(postgres);
  const store = await openStore({
    ...{ databaseUrl: url, dataFolder: "" },
    ports: { rebuild: createRebuild() },
  });
  const rounds: Record<string, readonly Figures[]> = {};
  const tell = (name: string, figures: Figures): void => {
    rounds[name] = [...(rounds[name] ?? []), figures];
    report.tell(name, rounds[name].length, figures);
  };
  try {
    const before = await tableSizes(url);
    await living(url, async (send) => {
      await reads(store, tell, "among the living");
      tell("transitions before", await send());
      const [moved, meanwhile] = await Promise.all([move(store), send()]);
      tell("transitions while orders move", meanwhile);
      tell("move", moved);
      tell("transitions after", await send());
      await reads(store, tell, "archived");
    });
    const after = await tableSizes(url);
    report.end({
      ...{ options, rounds, versions: { postgres: await asked(url, "show server_version") } },
      more: { sizes: { before, after } },
    });
    console.table(before);
    console.table(after);
  } finally {
    await store.close();
  }
} finally {
  await postgres?.stop();
}

/** @returns URL of a database with so many closed orders */
async function filled(server: BenchPostgres): Promise<string> {
  const url = await server.createDatabase("archive");
  const template = await played(url);
  await multiply(url, { ...options, template });
  return url;
}

/** A whole visit of the flagship, by a server. @returns its order */
async function played(url: string): Promise<string> {
  const server = await startOurServer({ databaseUrl: url, environment: definitions });
  try {
    const [visit] = await playVisits(server, "good-story", { count: 1, atOnce: 1 });
    if (visit === undefined) throw new Error("expected a visit");
    return visit.id;
  } finally {
    await server.stop();
  }
}

/** Orders of the bench's own, and what is measured on them. */
async function living(
  databaseUrl: string,
  use: (send: () => Promise<Figures>) => Promise<void>,
): Promise<void> {
  const { engine, close } = await startOurEngine({ databaseUrl });
  try {
    const ids = await createOrders(engine, options.senders * 4);
    const { senders, seconds } = options;
    const send = async (): Promise<Figures> => {
      progress("transitions");
      return { ...(await sendInProcess({ engine, ids, senders, seconds })) };
    };
    await send();
    await use(send);
  } finally {
    await close();
  }
}

/** Without a pause, on one connection. */
async function move(store: Store): Promise<Figures> {
  const from = performance.now();
  const sums = { orders: 0, entries: 0, batches: 0, longestMs: 0 };
  let after: Awaited<ReturnType<Store["archive"]["move"]>>["next"] = null;
  do {
    const began = performance.now();
    const moved = await store.archive.move({
      ...{ olderThanMs: 86_400_000, after, entries: options.batch },
    });
    const [failure] = moved.failed;
    if (failure !== undefined) throw failure.error;
    sums.orders += moved.orders;
    sums.entries += moved.entries;
    sums.batches += 1;
    sums.longestMs = Math.max(sums.longestMs, performance.now() - began);
    after = moved.next;
    if (sums.batches % 20 === 0) progress(`${sums.orders} of ${options.orders} orders moved`);
  } while (after !== null);
  const seconds = (performance.now() - from) / 1_000;
  return { ...sums, ordersPerS: sums.orders / seconds, entriesPerS: sums.entries / seconds };
}

/** Medians, in milliseconds. */
async function reads(
  store: Store,
  tell: (name: string, figures: Figures) => void,
  where: string,
): Promise<void> {
  progress(`reads ${where}`);
  const ids: string[] = [];
  const pages: number[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < options.reads / 10; page += 1) {
    const began = performance.now();
    const from: { readonly cursor?: string } = cursor === null ? {} : { cursor };
    const filter = { status: "done", process: "service-visit", limit: 50, ...from } as const;
    const found: Awaited<ReturnType<Store["orders"]["list"]>> = await store.orders.list(
      filter,
      EVERYTHING,
    );
    pages.push(performance.now() - began);
    ids.push(...found.items.map(({ id }) => id));
    cursor = found.nextCursor;
  }
  const timed = async (read: (id: string) => Promise<unknown>): Promise<number> => {
    const took: number[] = [];
    for (const id of ids.slice(0, options.reads)) {
      const began = performance.now();
      await read(id);
      took.push(performance.now() - began);
    }
    return median(took);
  };
  tell(`reads ${where}`, {
    orderMs: await timed((id) => store.orders.get(id, EVERYTHING)),
    historyMs: await timed((id) => store.orders.history(id, { after: 0, limit: 500 }, EVERYTHING)),
    entryMs: await timed((id) => store.orders.entryAt(id, { revision: 3 }, EVERYTHING)),
    listMs: median(pages),
  });
}
