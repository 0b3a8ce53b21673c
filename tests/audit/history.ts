/** Builds histories in memory by the engine's own deciding half. */

import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { applyEvent, applyStart, type Applied } from "../../src/runtime/apply.ts";
import type { StoredOrder } from "../../src/store/store.ts";
import { PARCEL } from "../runtime/parcel.ts";

export const PARCEL_EXECUTABLE = executableOf(PARCEL);

export interface Happening {
  readonly type: string;
  readonly payload?: JsonObject;
  readonly role?: string;
  readonly afterMs?: number;
}

const START_MS = Date.UTC(2026, 10, 22, 8);
const ID = "0190b8a5-5b1c-7c3e-8c22-1f2d3e4f5a6b";

export interface Built {
  readonly lines: readonly string[];
  /** Snapshot text after each entry. */
  readonly snapshots: readonly string[];
}

/** `timer.fired` without a payload fires the timer that is due first, at its due instant. */
export function historyOf(happenings: readonly Happening[], executable = PARCEL_EXECUTABLE): Built {
  const actor = { sub: "ann", role: "clerk", centre: null };
  const identity = { id: ID, businessKey: null, centre: null };
  const beginning = { identity, data: { recipient: "Ada" }, actor, testClock: null };
  const started = applyStart(executable, formatInstant(START_MS), beginning, countingSalt());
  let last = accepted(started);
  const writes = [last.write];
  for (const { type, payload, role = "clerk", afterMs = 1_000 } of happenings) {
    const current = storedAs(last);
    const pending = last.order.snapshot.timers;
    const [timer] = pending.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
    const fires = type === "timer.fired" && payload === undefined;
    const now = fires && timer !== undefined ? timer.dueAt : formatInstant(current.at + afterMs);
    const attempt = {
      type,
      payload: fires ? { timer: timer?.id ?? "" } : (payload ?? {}),
      actors: [{ ...actor, role }] as const,
    };
    last = accepted(applyEvent(executable, current, now, attempt, countingSalt(writes.length)));
    writes.push(last.write);
  }
  return {
    lines: writes.map(({ entry }) => entry.line),
    snapshots: writes.map(({ order }) => order.snapshot.text),
  };
}

export function executableOf(text: string): Executable {
  const { executable, findings } = judge(text, "yaml");
  if (executable === null) throw new Error(JSON.stringify(findings));
  return executable;
}

function accepted(
  applied: Applied | { readonly kind: "rejected"; readonly detail: string },
): Applied {
  if (applied.kind === "applied") return applied;
  throw new Error(applied.detail);
}

function storedAs({ order, write }: Applied): StoredOrder {
  const { entry, order: head } = write;
  return {
    ...head,
    id: order.identity.id,
    revision: entry.revision,
    lastHash: entry.hash,
    at: entry.at,
    ...{ createdAt: START_MS, updatedAt: entry.at, testClock: null, subject: null },
  };
}

/** Not random, and never the same twice in one history. */
function countingSalt(from = 0): (size: number) => Uint8Array {
  let count = from * 100;
  return (size) => new Uint8Array(size).fill((count += 1) % 251);
}
