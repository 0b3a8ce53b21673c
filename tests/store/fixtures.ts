/** Writes for store tests: the smallest order that is allowed, and what a test wants different about it. */

import { createHash } from "node:crypto";

import { snapshotIn } from "../../src/audit/snapshot.ts";
import type { NewDefinition } from "../../src/store/contracts/definitions.ts";
import type {
  Decide,
  Decision,
  EpochMs,
  OrderHead,
  OrderWrite,
  Scope,
  Store,
  StoredOrder,
} from "../../src/store/store.ts";

export const everything: Scope = { centres: "*" };

export interface Wanted {
  readonly head?: Partial<OrderHead>;
  readonly type?: string;
  readonly sealed?: OrderWrite["sealed"];
  readonly subject?: string;
  readonly set?: OrderWrite["timers"]["set"];
  readonly cancelled?: readonly string[];
  readonly opened?: OrderWrite["jobs"]["opened"];
  readonly closed?: readonly string[];
  readonly undone?: readonly string[];
  readonly outbox?: OrderWrite["outbox"];
  readonly tasks?: Partial<OrderWrite["tasks"]>;
  readonly lease?: NonNullable<OrderWrite["lease"]>;
  readonly resolution?: NonNullable<OrderWrite["resolution"]>;
}

const head: OrderHead = {
  process: "service-visit",
  version: "1.0.0",
  digest: "d".repeat(64),
  businessKey: null,
  centre: "sh-01",
  status: "active",
  outcome: null,
  step: "appointment",
  tags: [],
  snapshot: snapshotIn('{"b":1,"a":2}'),
};

/** The next entry of the order; its result is the revision written. */
export function next(
  current: StoredOrder | null,
  now: EpochMs,
  wanted: Wanted = {},
): Decision<number> {
  const revision = (current?.revision ?? 0) + 1;
  const type = wanted.type ?? "GREET";
  const line = JSON.stringify({ revision, at: now, type });
  const { lease, resolution, subject, undone = [] } = wanted;
  return {
    kind: "write",
    result: revision,
    write: {
      order: { ...head, ...wanted.head },
      entry: { revision, at: now, type, line, hash: sha256(line) },
      sealed: wanted.sealed ?? [],
      timers: { set: wanted.set ?? [], cancelled: wanted.cancelled ?? [] },
      jobs: { opened: wanted.opened ?? [], closed: wanted.closed ?? [], undone },
      outbox: wanted.outbox ?? [],
      tasks: { opened: [], closed: [], ...wanted.tasks },
      ...(subject === undefined ? {} : { subject }),
      ...(lease === undefined ? {} : { lease }),
      ...(resolution === undefined ? {} : { resolution }),
    },
  };
}

/** Gives the order its next entry. @returns the revision written */
export function advance(store: Store, orderId: string, wanted: Wanted = {}): Promise<number> {
  return store.change(orderId, deciding(wanted));
}

export function deciding(wanted: Wanted): Decide<number> {
  return (current, now) => next(current, now, wanted);
}

export function definition(wanted: Partial<NewDefinition> = {}): NewDefinition {
  const canonical = JSON.stringify({ process: "service-visit", ...wanted });
  return {
    process: "service-visit",
    version: "1.0.0",
    digest: sha256(canonical),
    canonical,
    source: "process: service-visit\n",
    format: "yaml",
    by: "designer-1",
    ...wanted,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
