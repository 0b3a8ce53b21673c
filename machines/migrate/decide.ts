/** What the rules of a migration come to for one order: every expression evaluated, so that what is recorded is a result. */

import type { Executable } from "../compile/executable.ts";
import { resolve, segmentsOf } from "../document/pointer.ts";
import type { Scope } from "../evaluation.ts";
import { memberOf, type Json, type JsonObject } from "../json.ts";
import type { Actor, ChartState, Instant, Order, Rejected } from "../order.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import { isToken } from "../schema/tokens.ts";
import { conductorOf } from "../step/conductor.ts";
import { settled, StepFailure } from "../step/failure.ts";
import { itemsIn, restoredRun, type Run } from "../step/run.ts";
import { scopeOf } from "../step/scope.ts";
import type { Versions } from "./carry.ts";
import { activePaths, isWithin, remembered } from "./map-chart.ts";
import type { ItemMigration, Migration, StateMoves, VersionName } from "./migration.ts";
import type { CompiledPart, CompiledRules } from "./rules.ts";

export interface Deciding {
  readonly actor: Actor;
  readonly now: Instant;
  /** Of the events that `newlySeparated` names, from the whole history of the order. */
  readonly performers: Migration["performers"];
}

/**
 * Pure. Values that the new version calls personal stand in the data of the result: in clear where they were in clear, so
 * that whoever records it seals them first.
 */
export function decideMigration(
  versions: Versions,
  rules: CompiledRules,
  order: Order,
  { actor, now, performers }: Deciding,
): { readonly kind: "decided"; readonly migration: Migration } | Rejected {
  return settled(() => {
    const { from, to } = versions;
    const run = restoredRun(from, order, actor, now, conductorOf);
    const conductor = conductorOf(run);
    const { snapshot } = order;
    const scope = scopeOf(run, {}, null, conductor);
    const states = movesIn(rules, snapshot, from.order, scope);
    const items: [string, ItemMigration][] = [];
    for (const [collection, members] of Object.entries(snapshot.items)) {
      const own = rules.items.get(collection) ?? NO_RULES;
      const chart = from.items.get(collection)?.chart;
      const spec = to.items.get(own.to ?? collection);
      if (chart === undefined || spec === undefined) continue;
      const each = members.map((item) => {
        const view = scopeOf(run, {}, liveIn(run, collection, item.id), conductor);
        const moves = movesIn(own, item, chart, view);
        const data = dataIn(own, item.data, spec.data, view);
        return [item.id, { states: moves, data, drop: dropIn(own, item.data) }] as const;
      });
      const said = each.filter(([, part]) => !Object.values(part).every(isEmpty));
      if (members.length === 0 || (own.to === null && said.length === 0)) continue;
      const into = own.to === null ? {} : { to: own.to };
      items.push([collection, { ...into, each: Object.fromEntries(said) }]);
    }
    const data = dataIn(rules, snapshot.data, to.data, scope);
    const drop = dropIn(rules, snapshot.data);
    const parts = { states, data, drop, items: Object.fromEntries(items), performers };
    return { kind: "decided", migration: { from: nameOf(from), to: nameOf(to), ...parts } };
  });
}

const NO_RULES = {
  ...{ to: null, states: new Map<string, never>(), data: new Map<string, never>(), drop: [] },
} as const;

/** Those that say something about a state that the order is in, or would come back to. */
function movesIn(
  { states }: CompiledPart,
  chart: Pick<ChartState, "value" | "history">,
  { root }: Executable["order"],
  scope: Scope,
): StateMoves {
  const concerned = [...activePaths(root, chart.value), ...remembered(chart)];
  const moves = [...states].flatMap(([path, template]) => {
    if (!concerned.some((each) => isWithin(each, path))) return [];
    return [[path, targetsIn(template.evaluate(scope), path)] as const];
  });
  return Object.fromEntries(moves);
}

function targetsIn(value: Json, path: string): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  const paths = list.filter((each) => typeof each === "string");
  if (paths.length === list.length) return paths;
  throw new StepFailure(
    "expression-failed",
    `Expected the path of a state for "${path}", found ${JSON.stringify(value)}.`,
  );
}

/** What the rules say, and each field that holds in clear what the new version calls personal. */
function dataIn(
  { data, drop }: CompiledPart,
  before: JsonObject,
  schemas: PayloadSchemas,
  scope: Scope,
): JsonObject {
  const said = [...data].map(([field, template]) => [field, template.evaluate(scope)] as const);
  const gained: JsonObject = Object.fromEntries(said);
  const kept = Object.entries(before).filter(([field]) => !drop.includes(field));
  const whole = schemas.withDefaults({ ...Object.fromEntries(kept), ...gained });
  const clear = schemas
    .personal(whole)
    .filter((place) => !isToken(resolve(whole, place)))
    .flatMap((place) => segmentsOf(place).slice(0, 1));
  const exposed = clear.map((field) => [field, memberOf(whole, field) ?? null] as const);
  return { ...gained, ...Object.fromEntries(exposed) };
}

function dropIn({ drop }: CompiledPart, before: JsonObject): readonly string[] {
  return drop.filter((field) => Object.hasOwn(before, field));
}

function liveIn(run: Run, collection: string, id: string) {
  return itemsIn(run, collection).find((item) => item.id === id) ?? null;
}

function nameOf({ version, digest }: Executable): VersionName {
  return { version, digest };
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
