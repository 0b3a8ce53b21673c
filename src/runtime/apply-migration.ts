/** The deciding half of a migration: rules to results, results to one entry and the rows beside it. Pure but for the salts. */

import { freeTexts } from "../audit/free-text.ts";
import { MIGRATED, migratedParts, migratedPlaces } from "../audit/migrated-places.ts";
import { seal, SALT_BYTES, type Sealing } from "../audit/seal.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { resolve } from "../../machines/document/pointer.ts";
import type { JsonObject } from "../../machines/json.ts";
import { decideMigration, type Deciding } from "../../machines/migrate/decide.ts";
import { migrate } from "../../machines/migrate/migrate.ts";
import { migrationPayload } from "../../machines/migrate/migration.ts";
import type { CompiledRules } from "../../machines/migrate/rules.ts";
import type { Rejected, Stepped } from "../../machines/order.ts";
import { commitmentsIn, isToken } from "../../machines/schema/tokens.ts";
import type { StoredOrder } from "../store/store.ts";
import { orderOf, writeOf, type Applied } from "./apply.ts";
import type { Random } from "./ports.ts";

export interface AppliedMigration extends Applied {
  readonly stepped: Stepped;
  readonly payload: JsonObject;
}

export interface MigrationAttempt extends Deciding {
  readonly rules: CompiledRules;
  /** Told in the entry, and moves nothing. */
  readonly about: JsonObject;
}

export function applyMigration(
  versions: { readonly from: Executable; readonly to: Executable },
  current: StoredOrder,
  { rules, about, ...deciding }: MigrationAttempt,
  random: Random,
): AppliedMigration | Rejected {
  const before = orderOf(current);
  const decided = decideMigration(versions, rules, before, deciding);
  if (decided.kind === "rejected") return decided;
  const raw = { ...migrationPayload(decided.migration), ...about };
  const rejected = rejection(versions.to, raw);
  if (rejected !== null) return rejected;
  const sealing = sealed(versions.to, raw, random);
  const event = { type: MIGRATED, payload: sealing.value, actor: deciding.actor };
  const stepped = migrate(versions, before, event, deciding.now);
  if (stepped.kind === "rejected") return stepped;
  const place = { prev: current.lastHash, before, event, sealing };
  const write = writeOf(versions.to, place, stepped, versions.from);
  return { kind: "applied", order: stepped.order, write, stepped, payload: sealing.value };
}

/** Only a value in clear can tell whether it is as its schema says: the migration sees a commitment. */
function rejection(to: Executable, raw: JsonObject): Rejected | null {
  const errors = migratedParts(to, raw).flatMap(({ schemas, pointer, value }) => {
    const clear = schemas.personal(value).filter((place) => !isToken(resolve(value, place)));
    if (clear.length === 0) return [];
    const within = (at: string): boolean =>
      clear.some((place) => at === place || at.startsWith(`${place}/`));
    return schemas
      .raw(value)
      .filter((error) => within(error.pointer))
      .map(({ pointer: at, message }) => ({ pointer: pointer + at, message }));
  });
  if (errors.length === 0) return null;
  const detail = "Expected personal data as the other version's schema allows it, found other.";
  return { kind: "rejected", code: "data-invalid", detail, errors };
}

/** What is sealed already stays as it is, under the commitment that it has; what was in clear is sealed now. */
function sealed(to: Executable, raw: JsonObject, random: Random): Sealing {
  const places = [...migratedPlaces(to, raw), ...freeTexts(MIGRATED, raw)];
  const clear = places.filter((place) => !isToken(resolve(raw, place)));
  const { value, rows } = seal(raw, clear, () => random(SALT_BYTES));
  const commitments = places.flatMap((place) => {
    const [commitment] = commitmentsIn(resolve(value, place) ?? null);
    return commitment === undefined ? [] : [[place, commitment] as const];
  });
  return { value, sealed: Object.fromEntries(commitments), rows };
}
