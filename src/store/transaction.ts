/** Runs work in one transaction: its own, again when it lost against another one, or the one that is open already. */

import type { Context } from "./context.ts";
import { retrying } from "./retrying.ts";

/** @param work must leave nothing behind when it rejects, and use the context that it is given */
export function inTransaction<T>(
  context: Context,
  work: (inner: Context) => Promise<T>,
): Promise<T> {
  if (context.db.isTransaction) return work(context);
  return retrying(() => context.db.transaction().execute((db) => work({ ...context, db })));
}
