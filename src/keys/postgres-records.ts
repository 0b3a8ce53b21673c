/**
 * Keeps wrapped keys in tables of their own on a Postgres server that is not the orders': for servers on several machines.
 * What is deleted there may lie in dead rows, logs and copies for a while; an exchange of the master secret takes from all
 * of them what would open it.
 */

import pg from "pg";
import { StoreUnavailable } from "../store/errors.ts";
import { isUnavailable } from "../store/postgres.ts";
import type { KeyCounts, KeyRecords } from "./key-records.ts";
import type { WrappedKey } from "./wrapped-key.ts";

const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 900;
const STATEMENT_TIMEOUT_MS = 5_000;
const REWRAPPED_AT_ONCE = 1_000;
/** Of the tables' maker: two servers that make them at once fail otherwise. */
const LOCK = 7_077_001;

const SCHEMA = `
  select pg_advisory_xact_lock(${LOCK});
  create table if not exists sevenstep_keys (
    name bytea primary key,
    wrapper text not null,
    box bytea not null
  );
  create table if not exists sevenstep_keystore (
    only_one boolean primary key default true check (only_one),
    envelope text not null,
    destroyed bigint not null default 0,
    wipes bigint not null default 0
  );
`;

interface Row {
  readonly name: string;
  readonly wrapper: string;
  readonly box: Buffer;
}

type Ask = <R extends pg.QueryResultRow>(
  text: string,
  values?: readonly unknown[],
) => Promise<pg.QueryResult<R>>;

const COLUMNS = "encode(name, 'hex') as name, wrapper, box";
const NAMED = "name in (select decode(n, 'hex') from unnest($1::text[]) n)";

export function postgresRecords(url: string): KeyRecords {
  const { ask, close } = connected(url);

  return {
    place: placeOf(url),
    isThere: async () => (await hasTables(ask)) && (await envelopeIn(ask)) !== null,
    prepare: async () => {
      // Several statements in one go are one transaction.
      if (!(await hasTables(ask))) await ask(SCHEMA);
    },
    find: (names) => find(ask, names),
    add: (keys) => add(ask, keys),
    settle: () => Promise.resolve(),
    wipe: (names) => wipe(ask, names),
    wipes: async () => {
      const { rows } = await ask<{ readonly wipes: number }>(
        "select wipes::float8 as wipes from sevenstep_keystore",
      );
      return rows[0]?.wipes ?? 0;
    },
    rewrap: (names, anew) => rewrap(ask, names, anew),
    count: () => counts(ask),
    envelope: () => envelopeIn(ask),
    replaceEnvelope: async (expected, text) => {
      const { rowCount } =
        expected === null
          ? await ask(
              "insert into sevenstep_keystore (envelope) values ($1) on conflict do nothing",
              [text],
            )
          : await ask("update sevenstep_keystore set envelope = $2 where envelope = $1", [
              expected,
              text,
            ]);
      return rowCount === 1;
    },
    close,
  };
}

function connected(url: string): { readonly ask: Ask; readonly close: () => Promise<void> } {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    keepAlive: true,
    options: "-c synchronous_commit=on",
  });
  // A connection that breaks says so as an event too, and an event nobody listens to ends the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    ask: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) => {
      try {
        return await pool.query<R>(text, [...values]);
      } catch (error) {
        throw unavailable(placeOf(url), error);
      }
    },
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

async function find(ask: Ask, names: readonly string[]): Promise<ReadonlyMap<string, WrappedKey>> {
  const { rows } = await ask<Row>(`select ${COLUMNS} from sevenstep_keys where ${NAMED}`, [names]);
  return new Map(rows.map((row) => [row.name, keyOf(row)]));
}

/** Whoever is second waits for the first one's commit, which a statement of its own then sees. */
async function add(
  ask: Ask,
  keys: readonly WrappedKey[],
): Promise<ReadonlyMap<string, WrappedKey>> {
  const { rows } = await ask<{ readonly name: string }>(
    `insert into sevenstep_keys (name, wrapper, box)
     select decode(n, 'hex'), w, b from unnest($1::text[], $2::text[], $3::bytea[]) as k(n, w, b)
     order by n on conflict do nothing returning encode(name, 'hex') as name`,
    columnsOf(keys),
  );
  const added = new Set(rows.map(({ name }) => name));
  const first = new Map(keys.flatMap((key) => (added.has(key.name) ? [[key.name, key]] : [])));
  const others = keys.flatMap(({ name }) => (added.has(name) ? [] : [name]));
  return others.length === 0 ? first : new Map([...first, ...(await find(ask, others))]);
}

async function hasTables(ask: Ask): Promise<boolean> {
  const { rows } = await ask<{ readonly there: boolean }>(
    "select to_regclass('sevenstep_keystore') is not null as there",
  );
  return rows[0]?.there === true;
}

async function envelopeIn(ask: Ask): Promise<string | null> {
  const { rows } = await ask<{ readonly envelope: string }>(
    "select envelope from sevenstep_keystore",
  );
  return rows[0]?.envelope ?? null;
}

async function wipe(ask: Ask, names: readonly string[]): Promise<number> {
  const { rows } = await ask<{ readonly wiped: number }>(
    `with gone as (delete from sevenstep_keys where ${NAMED} returning 1),
       counted as (update sevenstep_keystore
         set destroyed = destroyed + (select count(*) from gone), wipes = wipes + 1)
     select count(*)::int as wiped from gone`,
    [names],
  );
  // What is left of deleted rows goes with them where nobody else is in the way.
  await ask("vacuum (truncate false) sevenstep_keys").catch(() => {});
  return rows[0]?.wiped ?? 0;
}

/** Goes through the names in their order, some at a time. */
async function rewrap(
  ask: Ask,
  names: readonly string[] | null,
  anew: (key: WrappedKey) => WrappedKey | null,
): Promise<number> {
  let changed = 0;
  let last = "";
  for (;;) {
    const { rows } = await ask<Row>(
      `select ${COLUMNS} from sevenstep_keys
       where name > decode($1, 'hex')
         and ($2::text[] is null or name in (select decode(n, 'hex') from unnest($2::text[]) n))
       order by name limit ${REWRAPPED_AT_ONCE}`,
      [last, names],
    );
    const pairs = rows.flatMap((row) => {
      const key = anew(keyOf(row));
      return key === null ? [] : [{ key, old: row.box }];
    });
    if (pairs.length > 0) {
      // What was destroyed meanwhile, and may have been made again, is another key.
      const { rowCount } = await ask(
        `update sevenstep_keys set wrapper = w, box = b
         from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[]) as k(n, w, b, old)
         where name = decode(n, 'hex') and box = old`,
        [...columnsOf(pairs.map(({ key }) => key)), pairs.map(({ old }) => old)],
      );
      changed += rowCount ?? 0;
    }
    last = rows.at(-1)?.name ?? "";
    if (rows.length < REWRAPPED_AT_ONCE) return changed;
  }
}

async function counts(ask: Ask): Promise<KeyCounts> {
  const { rows } = await ask<{ readonly wrapper: string; readonly keys: number }>(
    "select wrapper, count(*)::int as keys from sevenstep_keys group by wrapper",
  );
  const { rows: gone } = await ask<{ readonly destroyed: number }>(
    "select destroyed::float8 as destroyed from sevenstep_keystore",
  );
  const live = new Map(rows.map(({ wrapper, keys }) => [wrapper, keys]));
  return { live, destroyed: gone[0]?.destroyed ?? 0, damagedBytes: 0 };
}

function keyOf({ name, wrapper, box }: Row): WrappedKey {
  return { name, wrapper, box: new Uint8Array(box) };
}

function columnsOf(keys: readonly WrappedKey[]): readonly unknown[] {
  return [
    keys.map(({ name }) => name),
    keys.map(({ wrapper }) => wrapper),
    keys.map(({ box }) => Buffer.from(box)),
  ];
}

/** Without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

/** What the server itself refuses, such as a wrong password or a missing right, is told as it is. */
function unavailable(place: string, error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`The keystore at ${place} can't be reached: ${reason}`, {
    cause: error,
  });
}
