/**
 * Writes an object-centric log as OCEL 2.0's relational form: a table of events, one of objects, one for each of their
 * types with its attributes as columns, and the relations. Complete, or rolled back.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { widened, type Attribute, type AttributeType } from "./attributes.ts";
import { FROM_THE_BEGINNING, type OcelEvent, type OcelObject } from "./ocel.ts";
import { createNames, plain, quoted } from "./sqlite-names.ts";

export interface OcelSqlite {
  readonly event: (event: OcelEvent) => void;
  readonly object: (object: OcelObject) => void;
  readonly end: () => void;
}

const TABLES = `
  create table event (ocel_id text primary key, ocel_type text not null);
  create table object (ocel_id text primary key, ocel_type text not null);
  create table event_map_type (ocel_type text primary key, ocel_type_map text not null);
  create table object_map_type (ocel_type text primary key, ocel_type_map text not null);
  create table event_object (
    ocel_event_id text not null references event (ocel_id),
    ocel_object_id text not null references object (ocel_id),
    ocel_qualifier text not null,
    primary key (ocel_event_id, ocel_object_id, ocel_qualifier)
  );
  create table object_object (
    ocel_source_id text not null references object (ocel_id),
    ocel_target_id text not null references object (ocel_id),
    ocel_qualifier text not null,
    primary key (ocel_source_id, ocel_target_id, ocel_qualifier)
  );`;

/** @param database new and empty, in the caller's hands: it is the caller who closes it */
export function createOcelSqlite(database: DatabaseSync): OcelSqlite {
  // Events come before the objects that they name: at the end all is looked over at once.
  database.exec("pragma foreign_keys = off; begin;");
  database.exec(TABLES);
  const insert = {
    event: database.prepare("insert into event values (?, ?)"),
    object: database.prepare("insert into object values (?, ?)"),
    eventObject: database.prepare("insert into event_object values (?, ?, ?)"),
    objectObject: database.prepare("insert into object_object values (?, ?, ?)"),
  };
  const events = typeTables(database, "event", ["ocel_id", "ocel_time"]);
  const objects = typeTables(database, "object", ["ocel_id", "ocel_time", "ocel_changed_field"]);
  return {
    event: ({ id, type, time, attributes, relationships }) => {
      insert.event.run(id, type);
      events.insert(type, [id, time], attributes);
      for (const { objectId, qualifier } of relationships) {
        insert.eventObject.run(id, objectId, qualifier);
      }
    },
    object: ({ id, type, attributes, relationships }) => {
      insert.object.run(id, type);
      const initial = attributes.filter(({ time }) => time === FROM_THE_BEGINNING);
      objects.insert(type, [id, FROM_THE_BEGINNING, null], initial);
      for (const each of attributes) {
        if (each.time === FROM_THE_BEGINNING) continue;
        objects.insert(type, [id, each.time, objects.columnOf(type, each.name)], [each]);
      }
      for (const { objectId, qualifier } of relationships) {
        insert.objectObject.run(id, objectId, qualifier);
      }
    },
    end: () => {
      const dangling = database.prepare("pragma foreign_key_check").all();
      if (dangling.length > 0) throw new Error("a relation leads to an object that is not there");
      events.end();
      objects.end();
      database.exec("commit; vacuum; pragma foreign_keys = on;");
    },
  };
}

interface TypeTables {
  readonly insert: (
    type: string,
    values: readonly (string | null)[],
    attributes: readonly Attribute[],
  ) => void;
  /** The column of an attribute that was inserted. */
  readonly columnOf: (type: string, attribute: string) => string;
  readonly end: () => void;
}

interface TypeTable {
  readonly name: string;
  readonly columns: ReturnType<typeof createNames>;
  /** By attribute, in the order of the columns. */
  readonly types: Map<string, AttributeType>;
  /** Into all of the columns that there are. */
  statement: StatementSync | null;
  /** Whether a column holds more than it was declared for. */
  isWider: boolean;
}

/** A table for each type, which gets a column when an attribute is met for the first time. */
function typeTables(
  database: DatabaseSync,
  kind: "event" | "object",
  head: readonly string[],
): TypeTables {
  // `event_object` and `event_map_type` are tables of their own.
  const names = createNames(["object", "map_type"]);
  const tables = new Map<string, TypeTable>();
  const map = database.prepare(`insert into ${kind}_map_type values (?, ?)`);
  const make = (name: string, types: ReadonlyMap<string, AttributeType>, own: TypeTable): void => {
    const columns = [...types].map(([attribute, type]) => columnText(own, attribute, type));
    const all = [...head.map((column) => `${column} text`), ...columns];
    const key = `foreign key (ocel_id) references ${kind} (ocel_id)`;
    database.exec(`create table ${quoted(name)} (${[...all, key].join(", ")})`);
  };
  const tableOf = (type: string): TypeTable => {
    const known = tables.get(type);
    if (known !== undefined) return known;
    const mapped = names.of(plain(type));
    const name = `${kind}_${mapped}`;
    const columns = createNames(head);
    const types = new Map<string, AttributeType>();
    const table: TypeTable = { name, columns, types, statement: null, isWider: false };
    map.run(type, mapped);
    make(name, table.types, table);
    tables.set(type, table);
    return table;
  };
  return {
    insert: (type, values, attributes) => {
      const table = tableOf(type);
      for (const attribute of attributes) meet(database, table, attribute);
      const { types } = table;
      table.statement ??= database.prepare(insertText(table, head));
      const given = new Map(attributes.map(({ name, value }) => [name, stored(value)]));
      table.statement.run(
        ...values,
        ...Array.from(types.keys(), (each) => given.get(each) ?? null),
      );
    },
    columnOf: (type, attribute) => tableOf(type).columns.of(attribute),
    end: () => {
      for (const table of tables.values()) {
        if (!table.isWider) continue;
        make("wider", table.types, table);
        database.exec(`
          insert into wider select * from ${quoted(table.name)};
          drop table ${quoted(table.name)};
          alter table wider rename to ${quoted(table.name)};`);
      }
    },
  };
}

function meet(database: DatabaseSync, table: TypeTable, { name, type }: Attribute): void {
  const before = table.types.get(name);
  const now = before === undefined ? type : widened(before, type);
  if (now === before) return;
  table.types.set(name, now);
  if (before !== undefined) {
    table.isWider = true;
    return;
  }
  database.exec(`alter table ${quoted(table.name)} add column ${columnText(table, name, type)}`);
  table.statement = null;
}

function columnText({ columns }: TypeTable, attribute: string, type: AttributeType): string {
  return `${quoted(columns.of(attribute))} ${AFFINITIES[type]}`;
}

function insertText({ name, types, columns }: TypeTable, head: readonly string[]): string {
  const all = [...head, ...Array.from(types.keys(), (each) => quoted(columns.of(each)))];
  const places = all.map(() => "?").join(", ");
  return `insert into ${quoted(name)} (${all.join(", ")}) values (${places})`;
}

const AFFINITIES = {
  string: "text",
  time: "timestamp",
  integer: "integer",
  float: "real",
  boolean: "boolean",
} as const satisfies Record<AttributeType, string>;

/** The format has 1 and 0 for what is true and false. */
function stored(value: Attribute["value"]): string | number {
  return typeof value === "boolean" ? Number(value) : value;
}
