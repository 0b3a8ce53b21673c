/** Makes and moves cases about persons' data: each is a work order of the engine's own process, which does the work itself. */

import { isToken } from "../../../machines/schema/tokens.ts";
import { z } from "zod";
import { reaches, scopeOf } from "../caller.ts";
import type {
  CaseDecision,
  CaseKind,
  CaseRequest,
  CaseResult,
  PersonalData,
  PersonalDataCase,
} from "../contracts/personal-data.ts";
import { create, type Creating } from "../create.ts";
import type { Caller, EventRequest, WriteOptions } from "../engine.ts";
import { judgeHere, type Judge } from "../judgement.ts";
import type { FourEyes, Ports } from "../ports.ts";
import { list, view } from "../read.ts";
import { orderNotFound, refused, type Refused } from "../refusal.ts";
import { keyTag, subjectTag } from "../seals.ts";
import { send, type Sending } from "../send.ts";
import type { WorkOrder } from "../work-order.ts";
import {
  CASE_PROCESS,
  CASE_VERSION,
  isCaseDefinition,
  publishCaseProcess,
} from "./case-process.ts";
import { shownValues } from "./shown-values.ts";

export interface CasePorts extends Creating, Sending {
  readonly judge: Judge;
  readonly fourEyes: FourEyes;
  /** Does what built-in jobs are offered. */
  readonly runJobs: () => Promise<unknown>;
}

/** What the operator decided; by default nobody erases alone. */
export function personalDataPorts({ judge = judgeHere, fourEyes = () => true }: Partial<Ports>) {
  return { judge, fourEyes };
}

type Idempotent = Pick<WriteOptions, "idempotency">;

export function createPersonalData(ports: CasePorts): PersonalData {
  return {
    erase: (caller, request, options = {}) =>
      newCase(ports, { caller, kind: "erasure", request, options }),
    restrict: (caller, request, options = {}) =>
      newCase(ports, { caller, kind: "restriction", request, options }),
    open: async (caller, request, options = {}) => {
      const made = await newCase(ports, { caller, kind: "opening", request, options });
      if (made.kind === "refused") return made;
      const { id } = made.case;
      // The entry goes first: nothing is shown of which the history does not tell.
      const entered = await moved(ports, caller, id, { type: "SHOW", payload: {} }, {});
      if (entered.kind === "refused") return entered;
      const values = await shownValues(ports, request.person.order);
      const { replayed } = made;
      return { ...entered, values, ...(replayed === undefined ? {} : { replayed }) };
    },
    decide: async (caller, id, decision, options = {}) => {
      const before = await caseIn(ports, caller, id);
      if (before.kind === "refused") return before;
      const result = await moved(ports, caller, id, eventOf(decision), options);
      return result.kind === "refused" ? result : settled(ports, caller, result);
    },
    get: (caller, id) => caseIn(ports, caller, id),
    list: async (caller, { kind, status }, page) => {
      const filter = {
        process: CASE_PROCESS,
        ...(kind === undefined ? {} : { step: kind }),
        ...(status === undefined ? {} : { status }),
      };
      const { items, nextCursor } = await list(ports, caller, filter, page);
      const own = items.filter(({ digest }) => isCaseDefinition(digest));
      return { kind: "ok", items: own.map(caseOf), nextCursor };
    },
  };
}

interface Asked {
  readonly caller: Caller;
  readonly kind: CaseKind;
  readonly request: CaseRequest;
  readonly options: Idempotent;
}

async function newCase(
  ports: CasePorts,
  { caller, kind, request, options }: Asked,
): Promise<CaseResult> {
  const person = await personOf(ports, caller, request.person);
  if (person.kind === "refused") return person;
  const { tag, centre, orders, named } = person;
  if (kind === "erasure" && (await ports.store.persons.isRestricted(tag))) return restrictedNow();
  const flaw = await publishCaseProcess(ports.store, ports.judge);
  if (flaw !== null) return flaw;
  const { ground, reason } = request;
  const data = {
    ...{ kind, tag, named, orders, ground, reason },
    ...{ fourEyes: ports.fourEyes(centre), requestedBy: caller.sub },
  };
  const made = await create(
    ports,
    caller,
    {
      ...{ process: CASE_PROCESS, version: CASE_VERSION, data },
      ...(centre === null ? {} : { centre }),
    },
    options,
  );
  if (made.kind === "refused") return made;
  const result = { kind: "ok", case: caseOf(made.order) } as const;
  return settled(ports, caller, made.replayed === true ? { ...result, replayed: true } : result);
}

interface FoundPerson {
  readonly kind: "person";
  readonly tag: string;
  readonly centre: string | null;
  readonly orders: number;
  /** The order that named the person, or "". */
  readonly named: string;
}

/** A person of whom no order is known is absent, like one of a centre that the caller does not reach. */
async function personOf(
  { store, keyring }: CasePorts,
  caller: Caller,
  person: CaseRequest["person"],
): Promise<FoundPerson | Refused> {
  if ("order" in person) {
    const order = await store.orders.get(person.order, scopeOf(caller));
    if (order === null) return orderNotFound(person.order);
    const { id, centre, subject } = order;
    const orders = subject === null ? 1 : await store.persons.orders(subject);
    return { kind: "person", tag: keyTag(id, subject), centre, orders, named: id };
  }
  const only = caller.centres?.length === 1 ? caller.centres[0] : undefined;
  const centre = person.centre ?? only ?? null;
  const tag = subjectTag(keyring, centre, person.subject);
  const orders = await store.persons.orders(tag);
  if (orders === 0 || !reaches(caller, centre)) return personNotFound(centre);
  return { kind: "person", tag, centre, orders, named: "" };
}

async function caseIn(ports: CasePorts, caller: Caller, id: string): Promise<CaseResult> {
  const found = await view(ports, caller, id);
  if (found.kind === "refused") return found.code === "not-found" ? caseNotFound(id) : found;
  if (!isCaseDefinition(found.order.digest)) return caseNotFound(id);
  return { kind: "ok", case: caseOf(found.order) };
}

async function moved(
  ports: CasePorts,
  caller: Caller,
  id: string,
  event: EventRequest,
  options: WriteOptions,
): Promise<CaseResult> {
  const result = await send(ports, { caller, id, event, options, write: true });
  if (result.kind === "refused") return result;
  const { order, replayed } = result;
  return { kind: "ok", case: caseOf(order), ...(replayed === undefined ? {} : { replayed }) };
}

function eventOf(decision: CaseDecision): EventRequest {
  if (decision.decision === "approve") return { type: "APPROVE", payload: {} };
  const type = decision.decision === "decline" ? "DECLINE" : "LIFT";
  return { type, payload: { reason: decision.reason } };
}

/** States in which the engine itself is at work: what they lead to is a moment away. */
const AT_WORK: ReadonlySet<string> = new Set(["erasing", "restricting", "lifting"]);
const MAX_WAIT_MS = 2_000;
const POLL_MS = 25;

/** As it stands when the engine's first work on it is done, or after a moment when another server is slow at it. */
async function settled(
  ports: CasePorts,
  caller: Caller,
  result: CaseResult & { readonly kind: "ok" },
): Promise<CaseResult> {
  let last = result;
  const end = ports.clock.now() + MAX_WAIT_MS;
  while (isAtWork(last.case) && ports.clock.now() < end) {
    await ports.runJobs();
    const now = await caseIn(ports, caller, last.case.id);
    if (now.kind === "refused") return now;
    last = { ...result, case: now.case };
    if (isAtWork(last.case)) await ports.clock.sleep(POLL_MS, new AbortController().signal);
  }
  return last;
}

function isAtWork({ state, status }: PersonalDataCase): boolean {
  return status === "active" && AT_WORK.has(state);
}

const caseData = z.object({
  kind: z.enum(["erasure", "restriction", "opening"]),
  named: z.string(),
  orders: z.number(),
  ground: z.string(),
  reason: z.string(),
  fourEyes: z.boolean(),
  requestedBy: z.string(),
  decidedBy: z.string(),
  decisionReason: z.string().optional(),
  keys: z.number(),
  values: z.number(),
  shown: z.number(),
});

/** Its innermost state is what its readers need to know of where it stands. */
function caseOf(order: WorkOrder): PersonalDataCase {
  const { id, status, revision, createdAt, updatedAt } = order;
  const { named, reason, decidedBy, decisionReason, ...data } = caseData.parse(order.data);
  return {
    ...{ id, kind: data.kind, state: stateOf(order.state), status },
    ...{ order: named === "" ? null : named, orders: data.orders, ground: data.ground },
    reason: inClear(reason),
    ...{ fourEyes: data.fourEyes, requestedBy: data.requestedBy },
    decidedBy: decidedBy === "" ? null : decidedBy,
    decisionReason: decisionReason === undefined ? null : inClear(decisionReason),
    ...{ keys: data.keys, values: data.values, shown: data.shown },
    ...{ revision, createdAt, updatedAt },
  };
}

const NAMES: Readonly<Record<string, string>> = {
  sweeping: "settling",
  opened: "open",
};

function stateOf(state: WorkOrder["state"]): string {
  if (typeof state === "string") return NAMES[state] ?? state;
  const [inner] = Object.values(state);
  return inner === undefined ? "" : stateOf(inner);
}

function inClear(text: string): string | null {
  return isToken(text) ? null : text;
}

function restrictedNow(): Refused {
  return refused(
    "person-restricted",
    "Expected a person whose data are not restricted, found them restricted: what is kept for somebody's claim is not erased. Lift every restriction first.",
  );
}

function personNotFound(centre: string | null): Refused {
  const where = centre === null ? "of no centre" : `of the centre ${centre}`;
  return refused(
    "not-found",
    `Expected a person of whom orders ${where} hold data, found none under this reference.`,
  );
}

function caseNotFound(id: string): Refused {
  return refused(
    "not-found",
    `Expected a case about a person's data, found none with the id "${id}".`,
  );
}
