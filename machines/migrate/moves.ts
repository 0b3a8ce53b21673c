/** What becomes of an order's parts in another version: its chart and its items' charts, their data, and what they wait for. */

import type { Executable } from "../compile/executable.ts";
import { memberOf, type JsonObject } from "../json.ts";
import type { Item, Job, OrderSnapshot, Timer } from "../order.ts";
import { checkedData } from "../step/checked-data.ts";
import { carriedJob, carriedTimer, type MovedChart, type Versions } from "./carry.ts";
import { impossible, mapChart, undecided } from "./map-chart.ts";
import type { Migration, PartMigration } from "./migration.ts";

export interface Moves {
  readonly order: MovedChart;
  /** By `collection/id` before. */
  readonly items: ReadonlyMap<string, MovedItem>;
}

export interface MovedItem extends MovedChart {
  readonly collection: string;
  readonly item: Item;
  readonly before: string;
  readonly after: string;
}

/** @throws {StepFailure} where a part has no place */
export function movesOf(
  { from, to }: Versions,
  snapshot: OrderSnapshot,
  migration: Migration,
): Moves {
  const charts = { from: from.order, to: to.order, whose: "the order" };
  const order = { ...charts, mapped: mapChart(charts, snapshot, migration.states) };
  const items = Object.entries(snapshot.items).flatMap(([collection, members]) => {
    const old = from.items.get(collection)?.chart;
    const rules = memberOf(migration.items, collection);
    const into = rules?.to ?? collection;
    return members.map((item): readonly [string, MovedItem] => {
      const before = `${collection}/${item.id}`;
      const chart = to.items.get(into)?.chart;
      if (old === undefined || chart === undefined) {
        throw undecided(before, `no collection "${into}"`);
      }
      const both = { from: old, to: chart, whose: before };
      const mapped = mapChart(both, item, memberOf(rules?.each, item.id)?.states ?? {});
      const after = `${into}/${item.id}`;
      return [before, { ...both, mapped, collection: into, item, before, after }];
    });
  });
  return { order, items: new Map(items) };
}

export function pendingAfter(versions: Versions, { timers, jobs }: OrderSnapshot, moves: Moves) {
  const movedOf = ({ item }: Timer | Job): MovedChart | undefined =>
    item === undefined ? moves.order : moves.items.get(item);
  return {
    timers: timers.flatMap((timer) => {
      const moved = movedOf(timer);
      return (moved && carriedTimer(timer, moved)) ?? [];
    }),
    jobs: jobs.flatMap((job) => {
      const moved = movedOf(job);
      return (moved && carriedJob(versions, job, moved)) ?? [];
    }),
  };
}

/** @throws {StepFailure} `data-invalid` */
export function migratedData(
  before: JsonObject,
  { data, drop }: Pick<PartMigration, "data" | "drop">,
  schemas: Executable["data"],
  whose: string,
): JsonObject {
  const absent = drop.find((field) => !Object.hasOwn(before, field));
  if (absent !== undefined) throw impossible(whose, `no field "${absent}", which is to be dropped`);
  const kept = Object.entries(before).filter(([field]) => !drop.includes(field));
  const whole = schemas.withDefaults({ ...Object.fromEntries(kept), ...data });
  return checkedData(null, whole, schemas, whose);
}

const NOTHING = { data: {}, drop: [] } as const;

/** Items of several collections may come together in one, in the order of the old ones. */
export function itemsAfter(
  { to }: Versions,
  { items }: Moves,
  migration: Migration,
): OrderSnapshot["items"] {
  const into = new Map([...to.items.keys()].map((name): [string, Item[]] => [name, []]));
  for (const [name, { collection, item, mapped, after }] of items) {
    const spec = to.items.get(collection);
    const siblings = into.get(collection);
    if (spec === undefined || siblings === undefined)
      throw new Error(`no collection ${collection}`);
    const [old = ""] = name.split("/", 1);
    const rules = memberOf(migration.items, old);
    const change = memberOf(rules?.each, item.id) ?? NOTHING;
    if (siblings.some(({ id }) => id === item.id)) {
      throw impossible(name, `another item "${after}"`);
    }
    const data = migratedData(item.data, change, spec.data, name);
    const { value, history } = mapped;
    siblings.push({ id: item.id, value, status: item.status, history, data });
  }
  for (const [collection, { each }] of Object.entries(migration.items)) {
    if (![...items.keys()].some((name) => name.startsWith(`${collection}/`))) {
      throw impossible("the order", `rules for "${collection}", in which it has no item`);
    }
    const unknown = Object.keys(each).find((id) => !items.has(`${collection}/${id}`));
    if (unknown !== undefined) throw impossible("the order", `no item "${collection}/${unknown}"`);
  }
  return Object.fromEntries(into);
}
