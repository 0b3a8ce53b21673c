/** The server's log: JSON lines that hold ids, codes and routes, and of an error only what no person wrote. */

import { pino } from "pino";
import type { DestinationStream, Logger } from "pino";
import type { LogLevel } from "./environment.ts";

export function createLog(level: LogLevel, destination: DestinationStream): Logger {
  return pino({ level, base: null, serializers: { err: plainError } }, destination);
}

/** How deep causes are followed. */
const MAX_CAUSES = 4;

interface PlainError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Where in the program, one place per line. */
  readonly stack?: string;
  /** Of the database. */
  readonly table?: string;
  readonly constraint?: string;
  readonly cause?: PlainError;
}

/**
 * Errors quote what they stumbled on: a parser the text, the database the row. Quotations are left out of messages, and
 * everything else that an error carries but names of our own making.
 */
export function plainError(error: unknown, causes = MAX_CAUSES): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: "not an error" };
  const stack = frames(error);
  const cause = error.cause === undefined || causes === 0 ? null : error.cause;
  return {
    type: error.name,
    // What could not be parsed is quoted without marks, too.
    message: error instanceof SyntaxError ? "…" : withoutQuotations(error.message),
    ...named(error, "code"),
    ...named(error, "table"),
    ...named(error, "constraint"),
    ...(stack === "" ? {} : { stack }),
    ...(cause === null ? {} : { cause: plainError(cause, causes - 1) }),
  };
}

const NAME = /^[\w.-]{1,64}$/;

type Named = "code" | "table" | "constraint";

/** Nothing where the member is no name: then it could be anything. */
function named(error: Error, member: Named): { readonly [name in Named]?: string } {
  const value: unknown = Object.getOwnPropertyDescriptor(error, member)?.value;
  return typeof value === "string" && NAME.test(value) ? { [member]: value } : {};
}

/** From the first quotation mark to the last: what stands between may hold marks of its own. */
function withoutQuotations(message: string): string {
  return message
    .replace(/["'`“‘][^]*["'`”’]/, "…")
    .replace(/["'`“‘][^]*$/, "…")
    .slice(0, MAX_MESSAGE);
}

const MAX_MESSAGE = 300;

/** A stack begins with the message, which is said already. */
function frames({ stack = "" }: Error): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at [^"'`]*$/.test(line))
    .join("\n");
}
