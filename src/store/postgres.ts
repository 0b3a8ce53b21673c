/** Opens a Postgres server: every statement, lock and idle transaction is bounded, and a lost server is told apart. */

import { Kysely, PostgresDialect, type DatabaseConnection, type Driver } from "kysely";
import pg from "pg";

import type { Database, Tables } from "./database.ts";
import { StoreUnavailable } from "./errors.ts";
import { postgresSignals } from "./postgres-signals.ts";
import { parsers } from "./timestamp.ts";

const CONNECTIONS = 10;
/** A server that does not answer the connection attempt within this time counts as gone. */
const CONNECT_TIMEOUT_MS = 900;
/** How long a caller waits for one of the connections while all are at work. */
const QUEUE_TIMEOUT_MS = 5_000;
const PING_TIMEOUT_MS = 900;
/** For statements that are planned once; as many as there are under way at once. */
const PREPARED_CONNECTIONS = 4;
/** What one order waits for holds up all others of its statement. */
const PREPARED_LOCK_TIMEOUT_MS = 100;

const limits = {
  statement_timeout: 5_000,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 5_000,
  /** Our own wait for an answer, for a server that vanished without a word. */
  query_timeout: 6_000,
} as const;

export function openPostgres(databaseUrl: string): Database {
  const base = { connectionString: databaseUrl, types: typeParsers(), keepAlive: true };
  const pool = new pg.Pool({
    ...base,
    ...limits,
    max: CONNECTIONS,
    connectionTimeoutMillis: QUEUE_TIMEOUT_MS,
    Client: ImpatientClient,
  });
  /** Beside the pool, so that the answer does not depend on how busy the pool is. */
  const probe = new pg.Pool({
    ...base,
    max: 1,
    query_timeout: PING_TIMEOUT_MS,
    connectionTimeoutMillis: PING_TIMEOUT_MS,
  });
  const prepared = new pg.Pool({
    ...base,
    ...limits,
    lock_timeout: PREPARED_LOCK_TIMEOUT_MS,
    // Arrays of any length take the same plan: to plan for each anew would cost more than to run it. And a plan made while
    // the tables are empty must serve when they are not: rows are found by their keys, always. To compile it would take
    // longer than all its runs.
    options: "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off",
    max: PREPARED_CONNECTIONS,
    connectionTimeoutMillis: QUEUE_TIMEOUT_MS,
    Client: ImpatientClient,
  });
  surviving(pool);
  surviving(prepared);
  surviving(probe);
  const db = new Kysely<Tables>({ dialect: new TranslatingDialect({ pool }) });
  return {
    kind: "postgres",
    db,
    prepared: async ({ name, text }, values) => {
      const query = { name, text, values: [...values] };
      const { rows } = await prepared.query<{ readonly row: string }>(query).catch(rethrowUnknown);
      return rows.map(({ row }) => row);
    },
    migrating: (work) => withoutLimits(base, work),
    signals: postgresSignals({ connectionString: databaseUrl }),
    connections: () => ({
      ...{ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount },
    }),
    ping: () => probe.query("select 1").then(() => undefined, rethrow),
    close: async () => {
      await Promise.all([db.destroy(), prepared.end(), probe.end()]);
      if (!pool.ended) await pool.end();
    },
  };
}

class ImpatientClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  }
}

async function withoutLimits<T>(
  base: pg.PoolConfig,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  const pool = new pg.Pool({ ...base, max: 1, connectionTimeoutMillis: QUEUE_TIMEOUT_MS });
  surviving(pool);
  const db = new Kysely<Tables>({ dialect: new TranslatingDialect({ pool }) });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

/**
 * A connection that breaks says so as an event too, idle or at work, and an event nobody listens to ends the process.
 * The pool drops such a connection; whoever was at work with it learns it from the statement that fails.
 */
function surviving(pool: pg.Pool): void {
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
}

function typeParsers(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  for (const [oid, parse] of Object.entries(parsers)) types.setTypeParser(Number(oid), parse);
  return types;
}

/** Postgres with the errors of a lost server as `StoreUnavailable`, whatever statement meets them. */
class TranslatingDialect extends PostgresDialect {
  override createDriver(): Driver {
    const driver = super.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    const seen = new WeakSet<DatabaseConnection>();
    driver.acquireConnection = async (options) => {
      const connection = await acquire(options).catch(rethrow);
      if (!seen.has(connection)) {
        seen.add(connection);
        translateErrors(connection);
      }
      return connection;
    };
    return driver;
  }
}

function translateErrors(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = <R>(...query: Parameters<typeof execute>) =>
    execute<R>(...query).catch(rethrow);
}

function rethrow(error: unknown): never {
  throw isUnavailable(error) ? unavailable(error) : error;
}

/** What the database itself did not refuse may have been done, however the connection says that it has ended. */
function rethrowUnknown(error: unknown): never {
  if (error instanceof pg.DatabaseError) rethrow(error);
  throw unavailable(error);
}

function unavailable(error: unknown): StoreUnavailable {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`The database can't be reached or does not answer: ${reason}`, {
    cause: error,
  });
}

/** PostgreSQL error codes, appendix A: class 08, 53300, 57014, 57P0x, 25P03; and what the socket says. */
const UNAVAILABLE_CODE =
  /^(08...|53300|57014|57P0[123]|25P03|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
/** What pg says without a code. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/;

/** Whether the server could not be asked, or was too busy or ending; else it has refused. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const code = "code" in error ? String(error.code) : "";
  return UNAVAILABLE_CODE.test(code) || UNAVAILABLE_MESSAGE.test(error.message);
}
