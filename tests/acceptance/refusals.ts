/** What may not happen to a service visit: where, by whom, and the problem that says so. Places are of the walk-in story. */

import type { WorkOrder } from "./api.ts";
import { expect } from "vitest";

export interface Refusal {
  readonly title: string;
  /** Where the order stands: an active state, or its status. */
  readonly at: string;
  readonly by: string;
  /** The request's body. */
  readonly event: object | ((order: WorkOrder) => object);
  readonly ifMatch?: (order: WorkOrder) => { readonly "If-Match": string };
  /** Members of the problem document. */
  readonly problem: {
    readonly status: number;
    readonly code: string;
    readonly [member: string]: unknown;
  };
}

const cny = (amount: number) => ({ amount, currency: "CNY" });
const booked = { line: "B1", price: cny(18_000), warranty: false };
const declined = { line: "L1", price: cny(32_000), warranty: false };
const invoice = (...lines: readonly object[]) => ({ type: "PREPARE_INVOICE", payload: { lines } });

const billing: readonly Refusal[] = [
  {
    title: "to bill an added line that the customer declined",
    at: "delivery.invoicing",
    by: "chen",
    event: invoice(booked, declined),
    problem: {
      status: 409,
      code: "invariant-violated",
      pointer: "/invariants/0/always",
      because: expect.stringContaining('addOns.exists(a, a.id == l.line && "approved" in a.tags)'),
    },
  },
  {
    title: "to bill a line that nobody ever proposed",
    at: "delivery.invoicing",
    by: "chen",
    event: invoice(booked, { line: "X9", price: cny(10_000), warranty: false }),
    problem: { status: 409, code: "invariant-violated", pointer: "/invariants/0/always" },
  },
  {
    title: "to bill more than was agreed",
    at: "delivery.invoicing",
    by: "chen",
    event: invoice({ ...booked, price: cny(28_000) }),
    problem: { status: 409, code: "invariant-violated", pointer: "/invariants/1/always" },
  },
  {
    title: "the hand-over with an undecided line",
    at: "quality.passed",
    by: "chen",
    event: { type: "START_DELIVERY" },
    problem: {
      status: 409,
      code: "event-not-enabled",
      because: '= addOns.all(a, !("undecided" in a.tags))',
      blocked: expect.arrayContaining([expect.objectContaining({ event: "START_DELIVERY" })]),
    },
  },
];

const gates: readonly Refusal[] = [
  ...["selfCheck", "peerCheck", "finalCheck"].map((gate) => ({
    title: `to deliver past the gate ${gate}`,
    at: `quality.${gate}`,
    by: "chen",
    event: { type: "START_DELIVERY" },
    problem: {
      status: 409,
      code: "event-not-enabled",
    },
  })),
  {
    title: "the self check by somebody who did not repair",
    at: "quality.selfCheck",
    by: "zhao",
    event: { type: "PASS_CHECK" },
    problem: { status: 409, code: "event-not-enabled", because: "= actor.sub in repairedBy" },
  },
  {
    title: "the customer's acceptance before the final check",
    at: "quality.peerCheck",
    by: "wang",
    event: { type: "ACCEPT_CAR" },
    problem: { status: 409, code: "event-not-enabled" },
  },
  {
    title: "a peer check by the technician who repaired",
    at: "quality.peerCheck",
    by: "li",
    event: { type: "PASS_CHECK" },
    problem: { status: 403, code: "separation-violated", pointer: "/separation/0" },
  },
];

/** Real ids of the order, where an event of the engine would name one. */
const forged: readonly (readonly [string, (order: WorkOrder) => object])[] = [
  ["xstate.after.PT20M.chart.quality.peerCheck", () => ({})],
  ["xstate.done.actor.reserve-slot", () => ({ output: {} })],
  ["xstate.error.actor.reserve-slot", () => ({ error: {} })],
  ["xstate.done.state.chart.quality.finalCheck", () => ({})],
  ["xstate.init", () => ({})],
  ["xstate.stop", () => ({})],
  ["xstate.snapshot.chart", () => ({})],
  ["timer.fired", ({ timers }) => ({ timer: timers[0]?.id ?? "" })],
  ["job.completed", () => ({ job: "reserve-slot", output: {} })],
  ["job.failed", () => ({ job: "reserve-slot", error: { code: "slot-taken", message: "" } })],
  ["order.started", ({ process, version, data }) => ({ process, version, data })],
  ["*", () => ({})],
  ["constructor", () => ({})],
  ["__proto__", () => ({})],
];

const forgeries: readonly Refusal[] = forged.flatMap(([type, payload]) =>
  ["chen", "admin"].map((by) => ({
    title: `the forged event ${type} by ${by}`,
    at: "quality.peerCheck",
    by,
    event: (order: WorkOrder) => ({ type, payload: payload(order) }),
    problem: { status: 422, code: "event-unknown", detail: expect.stringContaining(type) },
  })),
);

const requests: readonly Refusal[] = [
  {
    title: "an unknown field of the request",
    at: "quality.peerCheck",
    by: "sun",
    event: { type: "PASS_CHECK", payload: {}, force: true },
    problem: {
      status: 422,
      code: "request-invalid",
      errors: [expect.objectContaining({ pointer: "/force" })],
    },
  },
  {
    title: "an unknown field of the payload",
    at: "delivery.invoicing",
    by: "chen",
    event: { type: "PREPARE_INVOICE", payload: { lines: [booked], discount: 1 } },
    problem: {
      status: 422,
      code: "payload-invalid",
      errors: [expect.objectContaining({ pointer: "/payload/discount" })],
    },
  },
  {
    title: "an unknown field deep in the payload",
    at: "delivery.invoicing",
    by: "chen",
    event: invoice({ ...booked, price: { ...cny(18_000), tip: 1 } }),
    problem: {
      status: 422,
      code: "payload-invalid",
      errors: [expect.objectContaining({ pointer: "/payload/lines/0/price/tip" })],
    },
  },
  {
    title: "a payload for an event that takes none",
    at: "quality.peerCheck",
    by: "sun",
    event: { type: "PASS_CHECK", payload: { gate: "final" } },
    problem: {
      status: 422,
      code: "payload-invalid",
      errors: [expect.objectContaining({ pointer: "/payload/gate" })],
    },
  },
  ...[-1, 1].map((offset) => ({
    title: `an If-Match of revision ${offset < 0 ? "before" : "after"} the order's`,
    at: "quality.peerCheck",
    by: "sun",
    event: { type: "PASS_CHECK" },
    ifMatch: ({ revision }: WorkOrder) => ({ "If-Match": `"${revision + offset}"` }),
    problem: {
      status: 412,
      code: "revision-mismatch",
      currentRevision: expect.any(Number),
    },
  })),
  {
    title: "a weak If-Match, even of the order's revision",
    at: "quality.peerCheck",
    by: "sun",
    event: { type: "PASS_CHECK" },
    ifMatch: ({ revision }: WorkOrder) => ({ "If-Match": `W/"${revision}"` }),
    problem: { status: 412, code: "revision-mismatch" },
  },
];

const authority: readonly Refusal[] = [
  {
    title: "an event by a role that may not send it",
    at: "quality.peerCheck",
    by: "wang",
    event: { type: "PASS_CHECK" },
    problem: { status: 403, code: "role-not-allowed" },
  },
  {
    title: "an event by an auditor",
    at: "quality.peerCheck",
    by: "auditor",
    event: { type: "PASS_CHECK" },
    problem: { status: 403, code: "role-not-allowed" },
  },
  ...["chen", "admin"].map((by) => ({
    title: `an event that only the process itself sends, by ${by}`,
    at: "quality.peerCheck",
    by,
    event: { type: "LINE_DECIDED", payload: { decision: "approved" } },
    problem: { status: 403, code: "role-not-allowed" },
  })),
  {
    title: "an event from another centre, whose token shows no such order",
    at: "quality.peerCheck",
    by: "elsewhere",
    event: { type: "START_DELIVERY" },
    problem: { status: 404, code: "not-found" },
  },
  {
    title: "an event to an order that has ended",
    at: "done",
    by: "wang",
    event: { type: "MARK_STEP", payload: { step: "reception", mark: "annoyance" } },
    problem: { status: 409, code: "order-closed" },
  },
];

export const refusals: readonly Refusal[] = [
  ...billing,
  ...gates,
  ...forgeries,
  ...requests,
  ...authority,
];
