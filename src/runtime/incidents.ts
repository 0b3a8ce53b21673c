/** Incidents as callers see them, and the two ways out: try the stuck timer or job again, or go on without it. */

import { formatInstant } from "../../machines/time/instant.ts";
import type { Incident as StoredIncident } from "../store/contracts/incidents.ts";
import { applyEvent, orderOf } from "./apply.ts";
import { storedJobType } from "./builtin-jobs.ts";
import type { Bus, Topic } from "./bus.ts";
import { actorsOf, scopeOf } from "./caller.ts";
import type { Incident, Incidents, ResolveRequest } from "./contracts/incidents.ts";
import type { Caller, OrderResult, WriteOptions } from "./engine.ts";
import { withWords } from "./incident-words.ts";
import { publicJobId } from "./job-id.ts";
import type { Random } from "./ports.ts";
import { keyOf, recordRefusal } from "./recorded.ts";
import { refused, refusedBy, type Refused } from "./refusal.ts";
import type { OpenDecision } from "./seals.ts";
import { jobTopic } from "./wake.ts";
import {
  incidentClosed,
  refusing,
  writeOrder,
  type On,
  type OrderWriting,
  type Verdict,
} from "./write-order.ts";

export interface IncidentPorts extends OrderWriting {
  readonly random: Random;
  readonly publish: Bus["publish"];
}

/** They decide about incidents, and act as such. */
const DECIDING_ROLES: readonly string[] = ["admin", "manager"];

export function createIncidents(ports: IncidentPorts): Incidents {
  const { store } = ports;
  return {
    list: async (caller, { status, order, ...filter }, page) => {
      const wanted = {
        ...(status === undefined ? {} : { open: status === "open" }),
        ...(order === undefined ? {} : { orderId: order }),
      };
      const found = await store.incidents.list({ ...wanted, ...filter, ...page }, scopeOf(caller));
      const items = (await withWords(ports.keyring, found.items)).map(answer);
      return { kind: "ok", items, nextCursor: found.nextCursor };
    },
    get: async (caller, id) => {
      const found = await store.incidents.get(id, scopeOf(caller));
      const [incident] = await withWords(ports.keyring, found === null ? [] : [found]);
      return incident === undefined ? unknown(id) : { kind: "ok", incident: answer(incident) };
    },
    retry: (caller, id, reason, options = {}) => retry(ports, { caller, id, options }, reason),
    resolve: (caller, id, request, options = {}) =>
      resolve(ports, { caller, id, options }, request),
  };
}

interface Asked {
  readonly caller: Caller;
  readonly id: string;
  readonly options: WriteOptions;
}

async function retry(ports: IncidentPorts, asked: Asked, reason: string): Promise<OrderResult> {
  const topics = new Set<Topic>();
  const result = await onIncident(ports, asked, (incident, { current, executable }) => {
    const { kind, subject, number } = incident;
    const job = orderOf(current).snapshot.jobs.find(({ id }) => id === subject);
    topics.add(
      kind === "timer" || job === undefined
        ? "timers"
        : jobTopic(storedJobType(executable, job.type)),
    );
    const resolution = { number, by: asked.caller.sub, reason };
    return { kind: "retry", resolution, result: { kind: "aside" } };
  });
  if (result.kind === "ok") ports.publish([...topics]);
  return result;
}

function resolve(
  ports: IncidentPorts,
  asked: Asked,
  { reason, output }: ResolveRequest,
): Promise<OrderResult> {
  return onIncident(ports, asked, (incident, { current, executable, now }) => {
    const { kind, subject, number } = incident;
    if (kind === "timer" && output !== undefined) return refusing(timerHasNoOutput());
    const event =
      kind === "timer"
        ? { type: "timer.cancelled", payload: { timer: subject, reason } }
        : { type: "job.completed", payload: { job: subject, output: output ?? {}, reason } };
    const actors = actorsOf(asked.caller, DECIDING_ROLES, current.centre);
    const applied = applyEvent(executable, current, now, { ...event, actors }, ports.random);
    if (applied.kind === "rejected") return refusing(refusedBy(applied));
    const resolution = { number, by: asked.caller.sub, reason };
    const write = { ...applied.write, resolution };
    return { kind: "write", write, result: { kind: "applied", applied } };
  });
}

/** What is closed already is refused before the order is locked; what closes meanwhile, when it is written. */
async function onIncident(
  ports: IncidentPorts,
  { caller, id, options }: Asked,
  decide: (incident: StoredIncident, on: On) => OpenDecision<Verdict>,
): Promise<OrderResult> {
  const { idempotency } = options;
  const incident = await ports.store.incidents.get(id, scopeOf(caller));
  const key = idempotency && keyOf(caller, idempotency);
  if (incident === null) return recordRefusal(ports, caller, key, unknown(id));
  const { orderId, closedAt } = incident;
  return writeOrder(ports, { caller, orderId, options, absent: unknown(id) }, (on) =>
    closedAt === null ? decide(incident, on) : refusing(incidentClosed()),
  );
}

function timerHasNoOutput(): Refused {
  return refused("payload-invalid", "Expected no output: a timer is given up, and gives nothing.", {
    errors: [{ pointer: "/output", message: "a timer has no output" }],
  });
}

function unknown(id: string): Refused {
  return refused("not-found", `Expected an incident, found none with the id "${id}".`);
}

function answer(incident: StoredIncident): Incident {
  const { id, orderId, process, version, centre, revision, kind, subject } = incident;
  const { code, detail, pointer, openedAt, closedAt, closedBy, reason } = incident;
  return {
    ...{ id, order: orderId, process, version, centre, revision },
    status: closedAt === null ? "open" : "closed",
    source: { kind, id: kind === "job" ? publicJobId(orderId, subject) : subject },
    ...{ code, detail, pointer, openedAt: formatInstant(openedAt) },
    closedAt: closedAt === null ? null : formatInstant(closedAt),
    ...{ closedBy, reason },
  };
}
