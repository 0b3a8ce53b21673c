/** An order is created once: the very same request again answers the same order, another one under its id is refused. */

import canonicalize from "canonicalize";
import { parseLine } from "../audit/parse-line.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { commitmentsIn, unseal } from "../../machines/schema/tokens.ts";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import type { Rejected } from "../../machines/order.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { ArchiveDetached, TestClockUnknown } from "../store/errors.ts";
import type { IdempotencyKey, IdempotencyRecord, Settled } from "../store/contracts/idempotency.ts";
import type { ChangeOptions, Decision, Store, StoredOrder } from "../store/store.ts";
import { applyStart, type Applied, type Beginning } from "./apply.ts";
import { actorsOf, reaches, scopeOf, takingPart } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller, CreateRequest, CreateResult, WriteOptions } from "./engine.ts";
import { uuidv7 } from "./ids.ts";
import type { Keyring } from "./keyring.ts";
import type { Keys } from "./keystore.ts";
import type { Clock, Random } from "./ports.ts";
import { isSettled, keyOf, recordAnswer, recordRefusal, settledAnswer } from "./recorded.ts";
import { refused, refusedBy, type Refused } from "./refusal.ts";
import { keyTag, openedValues, sealedWrite, subjectTag } from "./seals.ts";
import { sightOf } from "./sight.ts";
import { workOrder } from "./view.ts";
import { clockUnknown } from "./test-clocks.ts";
import type { Wake } from "./wake.ts";
import type { WorkOrder } from "./work-order.ts";

export interface Creating {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly wake: Wake;
}

type Outcome =
  | { readonly kind: "exists"; readonly current: StoredOrder }
  | { readonly kind: "rejected"; readonly rejected: Rejected }
  | { readonly kind: "applied"; readonly applied: Applied };

export async function create(
  ports: Creating,
  caller: Caller,
  request: CreateRequest,
  { idempotency }: Pick<WriteOptions, "idempotency">,
): Promise<CreateResult> {
  const key = idempotency && keyOf(caller, idempotency);
  const outcome = await createOnce(ports, caller, request, key);
  if (isSettled(outcome)) return settledAnswer(ports, caller, outcome);
  if (outcome.kind === "refused") return recordRefusal(ports, caller, key, outcome);
  if (outcome.created || key === undefined) return outcome;
  return recordAnswer(ports, caller, key, outcome, foundRecord(outcome.order));
}

/** The request is the very one that made the order: what is answered is the order as it stands now. */
function foundRecord({ id, revision, status, jobs }: WorkOrder): IdempotencyRecord {
  const failedJobs = jobs.flatMap((job) => (job.state === "failed" ? [job.id] : []));
  return { orderId: id, revision, answer: { kind: "order", created: false, status, failedJobs } };
}

async function createOnce(
  ports: Creating,
  caller: Caller,
  request: CreateRequest,
  key: IdempotencyKey | undefined,
): Promise<CreateResult | Settled> {
  const { store, library } = ports;
  const centre = centreOf(caller, request);
  if (isRefused(centre)) return centre;
  const id = request.id ?? uuidv7(ports);
  // A retry must find its order also when the default version has moved meanwhile.
  const before = request.id === undefined ? null : await store.orders.get(id, scopeOf(caller));
  if (before !== null) {
    const settled = key === undefined ? null : await store.idempotency.look(key);
    return settled ?? createdBefore(ports, caller, request, before, centre);
  }
  const executable = await library.resolve(request.process, request.version);
  if (isRefused(executable)) return executable;
  const roles = takingPart(executable, caller);
  if (roles.length === 0) {
    const detail = `Expected one of the roles ${executable.roles.join(", ")} or admin to create an order of ${executable.process}, found ${caller.roles.join(", ") || "none"}.`;
    return refused("role-not-allowed", detail);
  }
  const [actor] = actorsOf(caller, roles, centre);
  const testClock = request.testClock ?? null;
  if (testClock !== null && !(await takesOrder(store, testClock, centre))) {
    return clockUnknown(testClock);
  }
  const identity = { id, businessKey: request.businessKey ?? null, centre };
  const { data = {}, subject } = request;
  const named = subject === undefined ? {} : { subject };
  const beginning = { identity, data, actor, testClock, ...named };
  const owner = {
    id,
    subject: subject === undefined ? null : subjectTag(ports.keyring, centre, subject),
  };
  const held = await keysFor(ports, executable, beginning, owner);

  const decide = (current: StoredOrder | null, now: number): Decision<Outcome> => {
    if (current !== null && reaches(caller, current.centre)) return existing(current);
    const applied = applyStart(executable, formatInstant(now), beginning, ports.random);
    if (applied.kind === "rejected") {
      return { kind: "leave", result: { kind: "rejected", rejected: applied } };
    }
    // Judged first all the same: nobody finds out about other centres' ids by requests that could create nothing.
    if (current !== null) return existing(current);
    const sealed = sealedWrite(ports, applied.write, owner, held);
    if (sealed.kind === "keyless") throw new Error(`expected the key of order ${id} at hand`);
    const named = owner.subject === null ? {} : { subject: owner.subject };
    const write = { ...sealed.write, ...named };
    return { kind: "write", write, result: { kind: "applied", applied } };
  };
  const outcome = await changed(store, id, decide, { ...request, key });
  if (outcome.kind === "refused" || isSettled(outcome)) return outcome;
  if (outcome.kind === "exists") {
    return createdBefore(ports, caller, request, outcome.current, centre);
  }
  if (outcome.kind === "rejected") return refusedBy(outcome.rejected);
  const { order, write } = outcome.applied;
  ports.wake(write, order.at, testClock);
  const sight = {
    ...{ executable, order, status: order.snapshot.status, testClock },
    ...{ createdAt: order.at, now: order.at, failedJobs: new Set<string>() },
  };
  const answer = await workOrder(sight, caller, { ...ports, orderId: id, fresh: write.sealed });
  return { kind: "ok", order: answer, created: true };
}

/** The key of what the order will be written with, if that is anything: a request that is refused anyway makes none. */
async function keysFor(
  { keyring }: Creating,
  { data: schemas }: Executable,
  { data, subject }: Pick<Beginning, "data" | "subject">,
  owner: Pick<StoredOrder, "id" | "subject">,
): Promise<Keys> {
  const whole = schemas.withDefaults(data);
  const isPersonal = subject !== undefined || schemas.personal(whole).length > 0;
  if (!isPersonal || schemas.raw(whole).length > 0) return new Map();
  return keyring.ensure([keyTag(owner.id, owner.subject)]);
}

/** Whoever may advance a clock moves its orders, so it takes those of its own centres alone. */
async function takesOrder(store: Store, id: string, centre: string | null): Promise<boolean> {
  const clock = await store.testClocks.get(id);
  if (clock === null) return false;
  return clock.centres === null || (centre !== null && clock.centres.includes(centre));
}

function existing(current: StoredOrder): Decision<Outcome> {
  return { kind: "leave", result: { kind: "exists", current } };
}

async function changed(
  store: Store,
  id: string,
  decide: (current: StoredOrder | null, now: number) => Decision<Outcome>,
  { testClock, key }: { readonly testClock?: string; readonly key: IdempotencyKey | undefined },
): Promise<Outcome | Refused | Settled> {
  const options: ChangeOptions<Outcome | Settled> = {
    ...(testClock === undefined ? {} : { testClock }),
    ...(key === undefined ? {} : { idempotency: { key, settled: (settled) => settled } }),
  };
  try {
    return await store.change<Outcome | Settled>(id, decide, options);
  } catch (error) {
    if (error instanceof ArchiveDetached) return idUnavailable(id);
    if (!(error instanceof TestClockUnknown)) throw error;
    return clockUnknown(testClock ?? "");
  }
}

function centreOf(caller: Caller, request: CreateRequest): string | null | Refused {
  const only = caller.centres?.length === 1 ? caller.centres[0] : undefined;
  const centre = request.centre ?? only ?? null;
  if (reaches(caller, centre)) return centre;
  return refused(
    "centre-not-allowed",
    `Expected one of the centres ${caller.centres?.join(", ")}, found ${centre ?? "none"}.`,
  );
}

async function createdBefore(
  { store, library, keyring }: Creating,
  caller: Caller,
  request: CreateRequest,
  current: StoredOrder,
  centre: string | null,
): Promise<CreateResult> {
  const same =
    reaches(caller, current.centre) &&
    (await isSame({ store, library, keyring }, request, current, centre));
  // One answer, whoever has the id: that it is not free can't be hidden where ids are unique, all else about it is.
  if (!same) return idUnavailable(current.id);
  const sight = await sightOf(store, library, current);
  const answer = await workOrder(sight, caller, { store, keyring, orderId: current.id, fresh: [] });
  return { kind: "ok", order: answer, created: false };
}

function idUnavailable(id: string): Refused {
  const detail = `Expected an id that can be given to this order, found ${id}: leave it out, or draw a new UUID. A request that is sent again must be the very same.`;
  return refused("id-unavailable", detail);
}

/** Compares with what the history says that the order was started from, personal values included. */
async function isSame(
  { store, library, keyring }: Pick<Creating, "store" | "library" | "keyring">,
  request: CreateRequest,
  current: StoredOrder,
  centre: string | null,
): Promise<boolean> {
  const { process, version, businessKey, testClock, subject, data } = request;
  const first = await store.orders.entryAt(current.id, { revision: 1 }, { centres: "*" });
  const parsed = first === null ? null : parseLine(first.line);
  if (parsed?.kind !== "entry") return false;
  const { payload, digest } = parsed.entry;
  const executable = await library.load(digest);
  if (executable === null) return false;
  const opening = { store, keyring, evenRestricted: true } as const;
  const values = await openedValues(opening, current.id, commitmentsIn(payload));
  const started = unseal(payload, values);
  const asked: JsonObject = {
    ...{ process, version: version ?? executable.version },
    ...{ businessKey: businessKey ?? null, centre },
    ...(testClock === undefined ? {} : { testClock }),
    ...(subject === undefined ? {} : { subject }),
    data: executable.data.withDefaults(data ?? {}),
  };
  return canonicalize(asked) === canonicalize(started);
}

function isRefused(value: unknown): value is Refused {
  return isJsonObject(value) && value["kind"] === "refused";
}
