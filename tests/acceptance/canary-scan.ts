/** Looks for planted texts in every table, file and text, in every form in which bytes of them are usually written. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import type { Database } from "../../src/store/database.ts";

export interface Canaries {
  /** Not twice in the world; one is called once. */
  readonly plant: (name: string) => string;
  readonly planted: () => readonly string[];
  /** Names of those that stand in the text. */
  readonly namedIn: (text: string) => readonly string[];
  /** Whether any of them, or a part of one, stands in the bytes. */
  readonly isIn: (bytes: Buffer) => boolean;
}

/** All of one flock begin alike, so that one look finds each. */
export function canaries(): Canaries {
  const flock = `Zaunkoenig${randomBytes(8).toString("hex")}`;
  const names: string[] = [];
  const needles = formsOf(flock);
  return {
    plant: (name) => {
      if (names.includes(name)) throw new Error(`${name} is planted already`);
      names.push(name);
      return `${flock} ${name}.`;
    },
    planted: () => names,
    namedIn: (text) => names.filter((name) => text.includes(`${flock} ${name}.`)),
    isIn: (bytes) => needles.some((needle) => bytes.includes(needle)),
  };
}

/** As it is, in wide characters, in hex, and in base64 wherever in three bytes it begins. */
function formsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // What its neighbours' bits decide is left out.
    return whole.slice(before === 0 ? 0 : 4, -4);
  });
  const hex = bytes.toString("hex");
  return [
    ...[bytes, Buffer.from(text, "utf16le"), Buffer.from(hex), Buffer.from(hex.toUpperCase())],
    ...base64.map((each) => Buffer.from(each)),
  ];
}

/** Every file under the folder. @returns those that hold one, and how much was looked at */
export async function inFiles(
  { isIn }: Canaries,
  folder: string,
): Promise<{ readonly found: readonly string[]; readonly files: number; readonly bytes: number }> {
  const found: string[] = [];
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A server that goes on working removes files.
    const content = await readFile(path).catch(() => null);
    if (content === null) continue;
    files += 1;
    bytes += content.length;
    if (isIn(content)) found.push(path);
  }
  return { found, files, bytes };
}

/** Every column of every row of every table, what the database keeps about them too, as a logical dump writes it. */
export async function inTables(
  { isIn }: Canaries,
  { db }: Pick<Database, "db">,
): Promise<{ readonly found: readonly string[]; readonly tables: number; readonly rows: number }> {
  const tables = await sql<{ readonly schema: string; readonly name: string }>`
    select schemaname::text as schema, tablename::text as name from pg_tables
    where schemaname not in ('information_schema') order by 1, 2`.execute(db);
  const found: string[] = [];
  let rows = 0;
  for (const { schema, name } of tables.rows) {
    const table = sql.table(`${schema}.${name}`);
    const { rows: texts } = await sql<{ readonly text: string }>`
      select found::text as text from ${table} as found`.execute(db);
    rows += texts.length;
    if (texts.some(({ text }) => isIn(Buffer.from(text)))) found.push(name);
  }
  return { found, tables: tables.rows.length, rows };
}

/** What `pg_dump` writes; null where none is installed that is as new as the server. */
export async function dumped(url: string): Promise<Buffer | null> {
  const installed = await readdir(DEBIAN).catch(() => []);
  const versions = installed.toSorted((one, other) => Number(other) - Number(one));
  for (const binary of [...versions.map((each) => join(DEBIAN, each, "bin/pg_dump")), "pg_dump"]) {
    const text = await output(binary, url);
    if (text !== null) return text;
  }
  return null;
}

const DEBIAN = "/usr/lib/postgresql";

async function output(binary: string, url: string): Promise<Buffer | null> {
  const options = { encoding: "buffer", maxBuffer: 2 ** 30 } as const;
  return execute(binary, [url], options).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

const execute = promisify(execFile);
