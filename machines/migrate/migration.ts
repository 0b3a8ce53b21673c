/** What an `order.migrated` event says: from which version to which, and where each part of the order goes. */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { StepFailure } from "../step/failure.ts";

/** Everything that decides is in here, so that replay needs neither the rules nor whoever wrote them. */
export interface Migration {
  readonly from: VersionName;
  readonly to: VersionName;
  readonly states: StateMoves;
  /** Fields that the order's data gets; those that it has and that are not named stay. */
  readonly data: JsonObject;
  /** Fields that its data loses. */
  readonly drop: readonly string[];
  readonly items: { readonly [collection: string]: ItemMigration };
  /**
   * For each event that a separation rule of the new version names and none of the old one did: who sent it, once each,
   * in order. Only the whole history can tell.
   */
  readonly performers: { readonly [event: string]: readonly string[] };
}

export interface VersionName {
  readonly version: string;
  readonly digest: string;
}

/**
 * By path of a state that is left: those entered for it, the first of which goes on for it. What is inside it follows. None:
 * it ends, as a region does that the new version has not.
 */
export interface StateMoves {
  readonly [path: string]: readonly string[];
}

/** Of a collection of the old version. */
export interface ItemMigration {
  /** The collection of the new version; absent: the one of the same name. */
  readonly to?: string;
  /** By item. */
  readonly each: { readonly [id: string]: PartMigration };
}

/** Of an order or an item. */
export type PartMigration = Pick<Migration, "states" | "data" | "drop">;

/** @throws {StepFailure} `payload-invalid` at the first member that is not as it must be */
export function readMigration(payload: JsonObject): Migration {
  const { from, to, states, data, drop, items, performers, ...more } = payload;
  for (const member of Object.keys(more)) {
    // They tell how it came, and move nothing.
    if (member !== "run" && member !== "reason") throw wrong(`/${member}`, "no such member");
  }
  return {
    from: versionIn(from, "/from"),
    to: versionIn(to, "/to"),
    states: listsIn(states, "/states"),
    data: objectIn(data, "/data"),
    drop: textsIn(drop, "/drop"),
    items: Object.fromEntries(
      Object.entries(objectIn(items, "/items")).map(([collection, item]) => [
        collection,
        itemIn(item, `/items/${collection}`),
      ]),
    ),
    performers: listsIn(performers, "/performers"),
  };
}

/** As it is written: what says nothing is left out. */
export function migrationPayload(migration: Migration): JsonObject {
  const { from, to, states, data, drop, items, performers } = migration;
  const moved = Object.entries(items).map(([collection, { to: into, each }]) => {
    const parts = Object.entries(each).map(
      ([id, { states: own, data: fields, drop: lost }]) =>
        [id, unlessEmpty({ states: own, data: fields, drop: lost })] as const,
    );
    const written = into === undefined ? {} : { to: into };
    return [
      collection,
      { ...written, ...unlessEmpty({ each: Object.fromEntries(parts) }) },
    ] as const;
  });
  return {
    from: { version: from.version, digest: from.digest },
    to: { version: to.version, digest: to.digest },
    ...unlessEmpty({ states, data, drop, items: Object.fromEntries(moved), performers }),
  };
}

function unlessEmpty(members: { readonly [name: string]: object }): JsonObject {
  const kept = Object.entries(members).filter(([, member]) => Object.keys(member).length > 0);
  // Copied as JSON, so that nothing in the payload is shared with what it was made from.
  const copy: unknown = JSON.parse(JSON.stringify(Object.fromEntries(kept)));
  return isJsonObject(copy) ? copy : {};
}

function versionIn(value: Json | undefined, pointer: string): VersionName {
  const { version, digest } = isJsonObject(value) ? value : {};
  if (typeof version === "string" && typeof digest === "string") return { version, digest };
  throw wrong(pointer, "a version and its digest");
}

function itemIn(value: Json, pointer: string): ItemMigration {
  const { to, each, ...more } = objectIn(value, pointer);
  for (const member of Object.keys(more)) throw wrong(`${pointer}/${member}`, "no such member");
  if (to !== undefined && typeof to !== "string") throw wrong(`${pointer}/to`, "a text");
  const byId = Object.entries(objectIn(each, `${pointer}/each`)).map(
    ([id, part]) => [id, partIn(part, `${pointer}/each/${id}`)] as const,
  );
  return {
    ...(to === undefined ? {} : { to }),
    each: Object.fromEntries(byId),
  };
}

function partIn(value: Json, pointer: string): PartMigration {
  const { states, data, drop, ...more } = objectIn(value, pointer);
  for (const member of Object.keys(more)) throw wrong(`${pointer}/${member}`, "no such member");
  return {
    states: listsIn(states, `${pointer}/states`),
    data: objectIn(data, `${pointer}/data`),
    drop: textsIn(drop, `${pointer}/drop`),
  };
}

function objectIn(value: Json | undefined, pointer: string): JsonObject {
  if (value === undefined) return {};
  if (isJsonObject(value)) return value;
  throw wrong(pointer, "an object");
}

function listsIn(value: Json | undefined, pointer: string) {
  const entries = Object.entries(objectIn(value, pointer));
  return Object.fromEntries(
    entries.map(([name, list]) => [name, textsIn(list, `${pointer}/${name}`)]),
  );
}

function textsIn(value: Json | undefined, pointer: string): readonly string[] {
  if (value === undefined) return [];
  const texts = Array.isArray(value) ? value.filter((each: Json) => typeof each === "string") : [];
  if (Array.isArray(value) && texts.length === value.length) return texts;
  throw wrong(pointer, "a list of texts");
}

function wrong(pointer: string, expected: string): StepFailure {
  return new StepFailure("payload-invalid", `Expected ${expected} at ${pointer}.`, {
    errors: [{ pointer, message: `expected ${expected}` }],
  });
}
