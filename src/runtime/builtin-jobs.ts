/** Work that the engine does itself, by the name that a document gives in `builtin`. At least once: each is idempotent. */

import { z } from "zod";
import type { Executable } from "../../machines/compile/executable.ts";
import type { BuiltinJob } from "../../machines/document/document.ts";
import type { JsonObject } from "../../machines/json.ts";
import { epochMs, parseInstant } from "../../machines/time/instant.ts";
import type { JobLease } from "../store/contracts/jobs.ts";
import type { Reservation } from "../store/contracts/reservations.ts";
import type { Store } from "../store/store.ts";
import type { Keyring } from "./keyring.ts";
import { eraseJob, liftJob, restrictJob, sweepJob } from "./privacy/case-jobs.ts";

export interface Work {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly orderId: string;
  /** Of the order's definition. */
  readonly digest: string;
  readonly centre: string | null;
  readonly job: string;
  readonly input: JsonObject;
  /** The worker's: what it does for a job that is no longer its own must come to nothing. */
  readonly lease: JobLease;
}

export type WorkResult =
  | { readonly kind: "done"; readonly output: JsonObject }
  /** An answer, not an accident: trying again would give the same. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

const BUILTIN_JOBS = {
  "slot.reserve": reserveSlot,
  "slot.release": releaseSlot,
  "person.erase": eraseJob,
  "person.sweep": sweepJob,
  "person.restrict": restrictJob,
  "person.lift": liftJob,
} as const satisfies Record<BuiltinJob, (work: Work) => Promise<WorkResult>>;

/** A colon is in no type that a document can declare: outside workers never claim these. */
const PREFIX = "builtin:";

/** The type under which a job is offered to workers. */
export function storedJobType(executable: Executable, type: string): string {
  const builtin = executable.document.jobs?.[type]?.builtin;
  return builtin === undefined ? type : `${PREFIX}${builtin}`;
}

export const BUILTIN_TYPES: readonly string[] = Object.keys(BUILTIN_JOBS).map(
  (name) => `${PREFIX}${name}`,
);

/** @throws {LeaseLost} @throws what else the store throws: an accident that may be over at the next attempt */
export async function runBuiltin(type: string, work: Work): Promise<WorkResult> {
  const name = type.slice(PREFIX.length);
  if (!isBuiltin(name)) throw new Error(`Expected a built-in job, found "${type}".`);
  return BUILTIN_JOBS[name](work);
}

/**
 * After an accident nobody knows whether the work was done; this makes that it was not, so that a job that fails in the
 * end leaves nothing behind. @throws what the store throws
 */
export async function undoBuiltin(type: string, work: Work): Promise<void> {
  if (!leavesTraces(type)) return;
  await work.store.reservations.release(work.orderId, work.job, work.lease);
}

/** Whether work of this type, when its job ends without its result, holds something that must be free again. */
export function leavesTraces(type: string): boolean {
  return type === `${PREFIX}slot.reserve`;
}

function isBuiltin(name: string): name is BuiltinJob {
  return Object.hasOwn(BUILTIN_JOBS, name);
}

const instant = z.string().refine((text) => parseInstant(text) !== null, "an RFC 3339 instant");

const slot = z
  .strictObject({
    /** Absent: the order's own. Resources of different centres never meet. */
    centre: z.string().min(1).optional(),
    resources: z.array(z.string().min(1)).min(1).max(100),
    from: instant,
    to: instant,
  })
  .refine(({ from, to }) => epochMs(from) < epochMs(to), "`from` before `to`");

/** All resources for the whole time, or `slot-taken` and none. The reservation is the job's: asked again, it is the same. */
async function reserveSlot({
  store,
  orderId,
  centre,
  job,
  input,
  lease,
}: Work): Promise<WorkResult> {
  const read = slot.safeParse(input);
  if (!read.success) return invalid(read.error);
  const { resources, from, to } = read.data;
  const place = read.data.centre ?? centre ?? "";
  const interval = { from: epochMs(from), to: epochMs(to) };
  const names = [...new Set(resources)];
  const result = await store.reservations.reserve({
    ...{ orderId, job, lease },
    intervals: names.map((name) => ({ resource: `${place}/${name}`, ...interval })),
  });
  if (result.kind === "taken") return taken(result.conflicts, place);
  return { kind: "done", output: { reservation: job, resources: names, from, to } };
}

const release = z.strictObject({
  /** The `reservation` that `slot.reserve` gave; absent: all that the order holds. */
  reservation: z.string().optional(),
});

/** What is free already stays free. */
async function releaseSlot({ store, orderId, input, lease }: Work): Promise<WorkResult> {
  const read = release.safeParse(input);
  if (!read.success) return invalid(read.error);
  const released = await store.reservations.release(orderId, read.data.reservation, lease);
  return { kind: "done", output: { released } };
}

function taken(conflicts: readonly Reservation[], place: string): WorkResult {
  const names = new Set(conflicts.map(({ resource }) => resource.slice(place.length + 1)));
  const message = `Expected all resources to be free, found taken: ${[...names].join(", ")}.`;
  return { kind: "failed", code: "slot-taken", message };
}

function invalid(error: z.ZodError): WorkResult {
  const places = error.issues.map(({ path, message }) => `/${path.join("/")}: expected ${message}`);
  return { kind: "failed", code: "input-invalid", message: places.join("; ") };
}
