/** What is sent for each row of the table, about which thing, and how a list shows that it holds it. */

import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../../machines/json.ts";
import {
  BECAUSE,
  HOOK,
  inCentre,
  keptMessage,
  NEVER,
  newVisit,
  WORKBENCH_YAML,
  type Maker,
  type Request,
  type Things,
} from "./things.ts";

export interface Sent {
  readonly request: (things: Things) => Request;
  /** What the list or stream holds when it holds the thing. */
  readonly shows?: (things: Things) => string;
  /** What a granted request uses up: it is made anew. */
  readonly uses?: Exclude<keyof Maker, "all">;
}

const YAML = { "Content-Type": "application/yaml" };
const PROPOSAL = { type: "PROPOSE_SERVICES", payload: { services: ["wash"] } };
const ERROR = { error: { code: "broken", message: "the scales" } };

function get(path: string, headers: Request["headers"] = {}): Request {
  return { path, headers };
}

function post(path: string, body: JsonObject = {}): Request {
  return { path, body };
}

const order = ({ order: id }: Things): string => `/v1/work-orders/${id}`;
const webhook = ({ webhook: id }: Things): string => `/v1/webhooks/${id}`;
const apiKey = ({ apiKey: id }: Things): string => `/v1/api-keys/${id}`;

/** By the name of the row. */
export const REQUESTS: { readonly [row: string]: Sent } = {
  getHealth: { request: () => get("/healthz") },
  getReadiness: { request: () => get("/readyz") },
  getProblemMeaning: { request: () => get("/problems/not-found") },
  readMetrics: { request: () => get("/metrics") },

  publishDefinition: {
    request: () => ({ path: "/v1/definitions", body: WORKBENCH_YAML, headers: YAML }),
  },
  checkDefinition: {
    request: () => ({ path: "/v1/definitions/check", body: WORKBENCH_YAML, headers: YAML }),
  },
  listProcesses: { request: () => get("/v1/definitions") },
  listVersions: { request: () => get("/v1/definitions/workbench") },
  getDefinition: { request: () => get("/v1/definitions/workbench/1.0.0") },
  setDefaultVersion: {
    request: () => ({
      ...{ path: "/v1/definitions/workbench/default", method: "PUT" },
      body: { version: "1.0.0" },
    }),
  },

  createWorkOrder: {
    request: ({ home }) => ({
      path: "/v1/work-orders",
      body: { ...newVisit(), ...inCentre(home), businessKey: `new-${randomUUID()}` },
    }),
  },
  listWorkOrders: { request: () => get("/v1/work-orders?limit=500"), shows: (on) => on.order },
  getWorkOrder: { request: (on) => get(order(on)) },
  sendEvent: { request: (on) => post(`${order(on)}/events`, PROPOSAL) },
  previewEvent: { request: (on) => post(`${order(on)}/events:preview`, PROPOSAL) },
  sendEvents: {
    request: (on) => post("/v1/events:batch", { events: [{ id: on.order, ...PROPOSAL }] }),
  },
  getHistory: { request: (on) => get(`${order(on)}/history`) },
  "getHistory: as stored lines": {
    request: (on) => get(`${order(on)}/history`, { Accept: "application/x-ndjson" }),
  },
  getEvidence: { request: (on) => get(`${order(on)}/evidence`) },
  getWorkOrderAt: { request: (on) => get(`${order(on)}/at?revision=1`) },
  verifyWorkOrder: { request: (on) => ({ path: `${order(on)}/verify`, method: "POST" }) },
  streamWorkOrder: {
    request: (on) => get(`${order(on)}/stream`, { Accept: STREAM }),
    shows: () => "event: entry",
  },
  streamEntries: {
    request: () => get("/v1/stream?after=0", { Accept: STREAM }),
    shows: (on) => on.order,
  },

  exportHistories: {
    request: () => get("/v1/audit/export?format=ndjson"),
    shows: (on) => on.order,
  },
  listCheckpoints: { request: () => get("/v1/audit/checkpoints?limit=500") },
  listLogKeys: { request: () => get("/v1/audit/log-keys") },
  getLogConsistency: { request: () => get("/v1/audit/log-consistency?from=1&to=1") },
  requestErasure: { request: (on) => post("/v1/audit/erasures", aboutPerson(on)), uses: "order" },
  restrictProcessing: {
    request: (on) => post("/v1/audit/restrictions", aboutPerson(on)),
    uses: "order",
  },
  openPersonalData: { request: (on) => post("/v1/audit/openings", aboutPerson(on)) },
  listPersonalDataCases: {
    request: () => get("/v1/audit/cases?limit=500"),
    shows: (on) => on.case,
  },
  getPersonalDataCase: { request: (on) => get(`/v1/audit/cases/${on.case}`) },
  decidePersonalDataCase: {
    request: (on) =>
      post(`/v1/audit/cases/${on.case}/decision`, { decision: "decline", reason: "not owed" }),
    uses: "case",
  },
  claimJobs: {
    request: () => post("/v1/jobs/claim", { types: ["weigh"], max: 100, leaseSeconds: 600 }),
    ...{ shows: (on) => on.openJob, uses: "openJob" },
  },
  extendJob: {
    request: ({ job, leaseToken }) =>
      post(`/v1/jobs/${job}/extend`, { leaseSeconds: 600, leaseToken }),
  },
  listJobs: { request: () => get("/v1/jobs?limit=500"), shows: (on) => on.openJob },
  getJob: { request: ({ openJob }) => get(`/v1/jobs/${openJob}`) },
  completeJob: {
    request: ({ job, leaseToken }) => post(`/v1/jobs/${job}/complete`, { leaseToken }),
    uses: "job",
  },
  failJob: {
    request: ({ job, leaseToken }) => post(`/v1/jobs/${job}/fail`, { ...ERROR, leaseToken }),
    uses: "job",
  },

  listIncidents: { request: () => get("/v1/incidents?limit=500"), shows: (on) => on.incident },
  getIncident: { request: ({ incident }) => get(`/v1/incidents/${incident}`) },
  retryIncident: {
    request: ({ incident }) => post(`/v1/incidents/${incident}/retry`, { reason: "mended" }),
    uses: "incident",
  },
  resolveIncident: {
    request: ({ incident }) => post(`/v1/incidents/${incident}/resolve`, { reason: "by hand" }),
    uses: "incident",
  },

  listTasks: { request: () => get("/v1/tasks?limit=500"), shows: (on) => on.task },
  getTask: { request: ({ task }) => get(`/v1/tasks/${task}`) },
  claimTask: { request: ({ task }) => post(`/v1/tasks/${task}/claim`), uses: "order" },
  "claimTask: for somebody else": {
    request: ({ task }) => post(`/v1/tasks/${task}/claim`, { assignee: "wang" }),
    uses: "order",
  },
  releaseTask: { request: ({ task }) => post(`/v1/tasks/${task}/release`) },

  sendMessage: { request: ({ businessKey }) => post("/v1/messages", message(businessKey)) },
  "sendMessage: to be kept": { request: () => post(...keptMessage()) },
  "listMessages: of another sender": {
    request: () => get("/v1/messages?limit=500"),
    shows: (on) => on.message,
  },
  "getMessage: of another sender": { request: (on) => get(`/v1/messages/${on.message}`) },
  "withdrawMessage: of another sender": {
    request: (on) => ({ path: `/v1/messages/${on.message}`, method: "DELETE" }),
    uses: "message",
  },

  createTestClock: { request: () => post("/v1/test-clocks") },
  getTestClock: { request: ({ clock }) => get(`/v1/test-clocks/${clock}`) },
  advanceTestClock: {
    request: ({ clock }) =>
      post(`/v1/test-clocks/${clock}/advance`, { to: "2030-01-01T00:00:00.000Z" }),
  },

  createApiKey: {
    request: ({ home }) =>
      post("/v1/api-keys", { name: "x", roles: ["worker"], centres: home === null ? "*" : [home] }),
  },
  listApiKeys: { request: () => get("/v1/api-keys?limit=500"), shows: (on) => on.apiKey },
  getApiKey: { request: (on) => get(apiKey(on)) },
  rotateApiKey: { request: (on) => post(`${apiKey(on)}/rotate`) },
  revokeApiKey: { request: (on) => ({ path: apiKey(on), method: "DELETE" }), uses: "apiKey" },

  createWebhook: { request: () => post("/v1/webhooks", { url: HOOK, events: ["*"] }) },
  listWebhooks: { request: () => get("/v1/webhooks?limit=500"), shows: (on) => on.webhook },
  getWebhook: { request: (on) => get(webhook(on)) },
  changeWebhook: {
    request: (on) => ({ path: webhook(on), method: "PATCH", body: { description: randomUUID() } }),
  },
  rotateWebhookSecret: { request: (on) => post(`${webhook(on)}/rotate-secret`) },
  deleteWebhook: { request: (on) => ({ path: webhook(on), method: "DELETE" }), uses: "webhook" },
  listDeliveries: { request: (on) => get(`${webhook(on)}/deliveries`) },
  resendDelivery: {
    request: (on) => ({
      ...{ path: `${webhook(on)}/deliveries/${on.delivery}/resend`, method: "POST" },
    }),
  },
  testWebhook: { request: (on) => ({ path: `${webhook(on)}/test`, method: "POST" }) },
};

export const STREAM = "text/event-stream";

function aboutPerson({ order: id }: Things): JsonObject {
  return { order: id, ...BECAUSE };
}

function message(businessKey: string): JsonObject {
  const { type: name, payload } = PROPOSAL;
  return { name, correlation: { businessKey }, payload };
}

/** The same request about things that never were. */
export function neverWas(things: Things): Things {
  return { ...things, ...NEVER };
}
