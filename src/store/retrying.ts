/** Runs a transaction again when it lost against another one; everything else that goes wrong passes through. */

import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 2;

/** Thrown inside a transaction that must start anew: what it read is out of date. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** PostgreSQL error codes, appendix A: serialization failure, deadlock, lock not available in time. */
const TRANSIENT: ReadonlySet<unknown> = new Set(["40001", "40P01", "55P03"]);

/** @param transaction must leave nothing behind when it rejects */
export async function retrying<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error;
    }
    await sleep(FIRST_PAUSE_MS * 2 ** attempt);
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof Conflict) return true;
  return error instanceof Error && "code" in error && TRANSIENT.has(error.code);
}
