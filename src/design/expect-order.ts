/** Compares what a scenario says of the order itself with the order: state, data, items, timers, jobs. */

import type { Json } from "../../machines/json.ts";
import type { Order } from "../../machines/order.ts";
import { clean, lacks, listed, mismatch, shown, type Mismatch } from "./mismatch.ts";
import type { Expectation } from "./scenario-schema.ts";
import type { Sight } from "./sight.ts";
import { activePaths, isActive } from "./state-paths.ts";
import { firstLack } from "./subset.ts";

export function orderMismatches(
  then: Expectation,
  order: Order,
  sight: Sight,
): readonly Mismatch[] {
  return [
    ...position(then, order, sight.status),
    ...data(then, order, sight),
    ...items(then, order, sight),
    ...waiting(then, order),
  ];
}

function position(
  then: Expectation,
  { snapshot }: Order,
  status: Sight["status"],
): readonly Mismatch[] {
  const active = activePaths(snapshot.value).join(", ");
  return [
    ...listed(then.state)
      .filter((path) => !isActive(snapshot.value, path))
      .map((path) => mismatch("state", "", path, active)),
    ...(then.status === undefined || then.status === status
      ? []
      : [mismatch("status", "", then.status, status)]),
    ...(then.outcome === undefined || then.outcome === snapshot.outcome
      ? []
      : [mismatch("outcome", "", shown(then.outcome), shown(snapshot.outcome))]),
  ];
}

function data(
  { data: wanted }: Expectation,
  { snapshot }: Order,
  { open }: Sight,
): readonly Mismatch[] {
  return wanted === undefined ? [] : lacks("data", "", wanted, open(snapshot.data));
}

function items(
  { items: wanted }: Expectation,
  { snapshot }: Order,
  { open }: Sight,
): readonly Mismatch[] {
  return Object.entries(wanted ?? {}).flatMap(([collection, byId]) =>
    Object.entries(byId).flatMap(([id, pattern]) => {
      const at = `${collection}/${id}`;
      const members = Object.hasOwn(snapshot.items, collection) ? snapshot.items[collection] : [];
      const item = members?.find((member) => member.id === id);
      const { state, data: itemData } =
        typeof pattern === "string" || Array.isArray(pattern)
          ? { state: pattern, data: undefined }
          : pattern;
      if (item === undefined) {
        return [mismatch("items", at, listed(state).join(", ") || "an item", namesOf(members))];
      }
      const active = activePaths(item.value).join(", ");
      return [
        ...listed(state)
          .filter((path) => !isActive(item.value, path))
          .map((path) => mismatch("items", at, path, active)),
        ...(itemData === undefined ? [] : lacks("items", at, itemData, open(item.data))),
      ];
    }),
  );
}

function namesOf(members: readonly { readonly id: string }[] | undefined): string {
  return (members ?? []).map(({ id }) => id).join(", ") || "none";
}

function waiting(then: Expectation, { snapshot }: Order): readonly Mismatch[] {
  const mismatches: Mismatch[] = [];
  if (then.timers !== undefined) {
    const found = snapshot.timers.map(({ state, after, item, dueAt }) => ({
      state,
      after,
      ...(item === undefined ? {} : { item }),
      dueAt,
    }));
    const wanted = then.timers.map((timer) =>
      clean({
        ...timer,
        dueAt: timer.dueAt === undefined ? undefined : new Date(timer.dueAt).toISOString(),
      }),
    );
    if (!sameMembers(wanted, found)) {
      mismatches.push(mismatch("timers", "", shown(wanted), shown(found)));
    }
  }
  if (then.jobs !== undefined) {
    const found = snapshot.jobs.map(({ type }) => type);
    if (!sameMembers(then.jobs, found)) {
      mismatches.push(mismatch("jobs", "", shown(then.jobs), shown(found)));
    }
  }
  return mismatches;
}

/** Each pattern takes one member of its own; those that name most choose first. */
function sameMembers(patterns: readonly Json[], found: readonly Json[]): boolean {
  const left = [...found];
  const byDetail = patterns.toSorted((a, b) => shown(b).length - shown(a).length);
  for (const pattern of byDetail) {
    const at = left.findIndex((member) => firstLack(pattern, member) === null);
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}
