/**
 * Makes a database of ours for pgbench: migrated by us, filled with orders by our engine, and with scripts taken from what
 * our own transitions wrote there. So tables, indexes and bytes are ours by construction, also when they change.
 */

import type { BenchPostgres } from "../support/postgres.ts";
import { createOrders, startOurEngine, TECHNICIAN } from "../support/our-engine.ts";
import { idOf, idsOf } from "../peers/peer-environment.ts";
import {
  runPgbench,
  type PgbenchOptions,
  type PgbenchResult,
  type Weighted,
} from "./run-pgbench.ts";
import { scriptOf, type Form, type Sample } from "./scripts.ts";
import { watchOrderRows, type Written } from "./written-rows.ts";

/** Steps have seven tasks, and snapshots may be written at every eighth transition: after so many, all has come round. */
const PERIOD = 56;
const WARM_UP = 10;

export interface Pgbench {
  readonly run: (
    form: PgbenchForm,
    options: Pick<PgbenchOptions, "clients" | "seconds" | "latencies">,
  ) => Promise<PgbenchResult>;
  /** What the scripts write, for whoever reads the results. */
  readonly shapes: readonly Shape[];
}

export interface PgbenchForm {
  readonly form: Form;
  /** Every transition writes the order's whole state, as those do which don't write it at every eighth only. */
  readonly wholeState: boolean;
}

export interface Shape {
  /** Of `PERIOD` transitions. */
  readonly weight: number;
  readonly writes: readonly string[];
  readonly bytes: number;
}

interface Captured extends Sample {
  readonly written: readonly Written[];
}

export async function preparePgbench(
  { createDatabase }: BenchPostgres,
  binaries: string,
  orders: number,
): Promise<Pgbench> {
  const databaseUrl = await createDatabase("pgbench");
  const groups = await captured(databaseUrl, orders);
  const scriptsOf = ({ form, wholeState }: PgbenchForm): readonly Weighted[] =>
    (wholeState ? [heaviest(groups)] : groups).flatMap((group, number) => {
      const [first] = group;
      if (first === undefined) return [];
      const script = scriptOf(first.written, first, form, `v${number}x`);
      return { script, weight: group.length };
    });
  return {
    run: (form, options) =>
      runPgbench({ ...options, binaries, databaseUrl, orders, scripts: scriptsOf(form) }),
    shapes: groups.map((group) => ({
      weight: group.length,
      writes: (group[0]?.written ?? []).map(({ table, kind }) => `${kind} ${table.name}`),
      bytes: bytesOf(group[0]?.written ?? []),
    })),
  };
}

/** Transitions that wrote the same columns of the same tables, each group by one script. */
async function captured(
  databaseUrl: string,
  orders: number,
): Promise<readonly (readonly Captured[])[]> {
  const ours = await startOurEngine({ databaseUrl, loops: false });
  const rows = await watchOrderRows(databaseUrl);
  try {
    const sampleId = idOf(orders);
    await createOrders(ours.engine, orders + 1, idsOf(orders + 1));
    const all: Captured[] = [];
    for (let n = 0; n < WARM_UP + PERIOD; n += 1) {
      let revision = 0;
      const idempotency = { key: `sample-${n}`, fingerprint: "0".repeat(64) };
      const written = await rows.written(sampleId, async () => {
        const event = { type: "NEXT", payload: { amount: 12.5 } };
        const result = await ours.engine.orders.send(TECHNICIAN, sampleId, event, { idempotency });
        if (result.kind === "refused") throw new Error(result.detail);
        revision = result.order.revision;
      });
      if (n >= WARM_UP) all.push({ orderId: sampleId, revision, written });
    }
    return [...Map.groupBy(all, ({ written }) => shapeOf(written)).values()];
  } finally {
    await rows.close();
    await ours.close();
  }
}

function shapeOf(written: readonly Written[]): string {
  return JSON.stringify(
    written.map(({ table, kind, row, changed }) => [
      ...[kind, table.name],
      ...changed.map((name) => (row[name] === null ? `no ${name}` : name)),
    ]),
  );
}

/** Among those that don't touch timers, the one with the most bytes: it holds the whole state. */
function heaviest(groups: readonly (readonly Captured[])[]): readonly Captured[] {
  const plain = groups.filter((group) =>
    (group[0]?.written ?? []).every(({ table }) => table.name !== "timers"),
  );
  const sorted = plain.toSorted(
    (a, b) => bytesOf(b[0]?.written ?? []) - bytesOf(a[0]?.written ?? []),
  );
  return sorted[0] ?? [];
}

function bytesOf(written: readonly Written[]): number {
  return written
    .filter(({ kind }) => kind !== "delete")
    .flatMap(({ row, changed }) => changed.map((name) => row[name]?.length ?? 0))
    .reduce((sum, length) => sum + length, 0);
}
