/** Two versions of the garage, and short ways to bring an order of the first into the second. */

import { judge } from "../../../machines/compile/judge.ts";
import type { Executable } from "../../../machines/compile/executable.ts";
import type { JsonObject } from "../../../machines/json.ts";
import { decideMigration } from "../../../machines/migrate/decide.ts";
import { migrate } from "../../../machines/migrate/migrate.ts";
import { migrationPayload } from "../../../machines/migrate/migration.ts";
import { compileRules, type MigrationRules } from "../../../machines/migrate/rules.ts";
import type { Order, StepResult } from "../../../machines/order.ts";
import { GARAGE } from "../../runtime/garage.ts";
import { send, startOrder, stepped } from "../step/orders.ts";

export const LATER = "2026-11-22T09:30:00.000Z";
const ADMIN = { sub: "root", role: "admin", centre: null };

export function read(text: string): Executable {
  const { executable, findings } = judge(text, "yaml");
  if (executable === null) throw new Error(JSON.stringify(findings, null, 2));
  return executable;
}

/** The second version is the first with some of its text replaced. */
export function versionOf(text: string, ...changes: readonly (readonly [string, string])[]) {
  let changed = text.replace("version: 1.0.0", "version: 2.0.0");
  for (const [from, to] of changes) {
    if (!changed.includes(from)) throw new Error(`expected ${from} in the definition`);
    changed = changed.replace(from, to);
  }
  return read(changed);
}

export const garage = read(GARAGE);

const ACTORS: Readonly<Record<string, string>> = {
  START: "technician",
  FINISH: "technician",
  ADD: "technician",
  MAKE: "technician",
  APPROVE: "customer",
  WITHDRAW: "technician",
};

/** An order that has come along a road of events, each with its payload. */
export function orderAfter(
  executable: Executable,
  road: readonly (string | readonly [string, JsonObject])[],
): Order {
  let { order } = startOrder(executable);
  for (const each of road) {
    const [type, payload] = typeof each === "string" ? ([each, {}] as const) : each;
    const actor = { sub: `the ${type}`, role: ACTORS[type] ?? "advisor", centre: null };
    ({ order } = stepped(send(executable, order, type, payload, undefined, actor)));
  }
  return order;
}

/** By rules, as an administrator would at `LATER`. */
export function migrated(
  versions: { readonly from: Executable; readonly to: Executable },
  order: Order,
  rules: MigrationRules = {},
  performers: Readonly<Record<string, readonly string[]>> = {},
): StepResult {
  const compiled = compileRules(versions, rules);
  if (compiled.findings.length > 0) throw new Error(JSON.stringify(compiled.findings, null, 2));
  const deciding = { actor: ADMIN, now: LATER, performers };
  const decided = decideMigration(versions, compiled.rules, order, deciding);
  if (decided.kind === "rejected") return decided;
  const payload = migrationPayload(decided.migration);
  return migrate(versions, order, { type: "order.migrated", payload, actor: ADMIN }, LATER);
}
