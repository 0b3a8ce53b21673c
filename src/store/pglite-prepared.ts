/**
 * Prepared statements on PGlite, by PostgreSQL's own protocol: its `query` names none, so that each is planned again, which
 * takes longer than to run it. Source: PostgreSQL documentation, 55.2.3 Extended Query and 55.7 Message Formats.
 */

import { messages, type ExecProtocolResult, type PGlite } from "@electric-sql/pglite";

import type { Database, PreparedStatement } from "./database.ts";
import { StoreUnavailable } from "./errors.ts";

type BackendMessage = ExecProtocolResult["messages"][number];
type Protocol = Pick<PGlite, "_runExclusiveTransaction" | "runExclusive" | "execProtocol">;

export function preparedOn(pglite: Protocol): Database["prepared"] {
  const known = new Set<string>();
  const send = (sent: readonly Buffer[]) =>
    pglite.runExclusive(() => pglite.execProtocol(Buffer.concat(sent)));
  return (statement, values) =>
    // The statement's own lock lets it into a transaction that is open, to be rolled back with it.
    pglite
      ._runExclusiveTransaction(async () => {
        // By itself: a statement that is planned stays planned, whatever becomes of its first run.
        if (!known.has(statement.name)) await send([parseMessage(statement), SYNC]);
        known.add(statement.name);
        const { messages: answers } = await send([bindMessage(statement, values), EXECUTE, SYNC]);
        return answers.flatMap(textsIn);
      })
      .catch(rethrowUnknown);
}

/** What the database itself did not refuse (a disk that fails) may have been done. */
function rethrowUnknown(error: unknown): never {
  if (error instanceof messages.DatabaseError) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  throw new StoreUnavailable(`The database does not answer: ${reason}`, { cause: error });
}

function textsIn(answer: BackendMessage): readonly string[] {
  if (!(answer instanceof messages.DataRowMessage)) return [];
  return answer.fields.filter((text) => text !== null);
}

/** The types of the parameters are as the statement casts them. */
function parseMessage({ name, text }: PreparedStatement): Buffer {
  return message("P", [cString(name), cString(text), int16(0)]);
}

/** All parameters in the binary format, and what comes back as text. */
function bindMessage({ name }: PreparedStatement, values: readonly Buffer[]): Buffer {
  return message("B", [
    cString(""),
    cString(name),
    ...[int16(1), int16(1)],
    int16(values.length),
    ...values.flatMap((value) => [int32(value.length), value]),
    int16(0),
  ]);
}

/** Without a limit on rows. */
const EXECUTE = message("E", [cString(""), int32(0)]);
const SYNC = message("S", []);

function message(type: string, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, { length: bytes }) => sum + bytes, 4);
  return Buffer.concat([Buffer.from(type), int32(length), ...parts]);
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function int16(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}
