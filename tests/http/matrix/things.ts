/** The things that requests of the matrix are about: real ones in a centre or in none, and such as never were. */

import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../../machines/json.ts";
import { asking, definitionFile, publish, tokenFor, type TestServer } from "../server.ts";
import type { Answer, Ask } from "../server.ts";
import type { Home } from "./callers.ts";

/** Persons' data of every order here. */
export const PERSON = "Zhao Matrix";

/** Ids by the name of what they name. */
export interface Things {
  readonly home: Home;
  readonly businessKey: string;
  readonly order: string;
  readonly task: string;
  /** Claimed under the lease; the open one is for the claim. */
  readonly job: string;
  readonly leaseToken: string;
  readonly openJob: string;
  readonly incident: string;
  /** Of a person's data. */
  readonly case: string;
  readonly message: string;
  readonly clock: string;
  readonly apiKey: string;
  readonly webhook: string;
  readonly delivery: string;
}

/** With a job for workers outside. */
function workshop(process: string, job: string): string {
  return `
process: ${process}
version: 1.0.0
roles: [advisor, technician]
data: { type: object, required: [owner], properties: { owner: { type: string, x-personal: true } } }
events: { AGAIN: { by: [advisor] } }
jobs: { ${job}: { by: [technician], retries: 0, input: { type: object, properties: { owner: { type: string, x-personal: true } } } } }
machine:
  initial: working
  states:
    working: { invoke: { src: ${job}, input: { owner: '= owner' }, onDone: done } }
    done: { on: { AGAIN: working } }
`;
}

const WORKBENCH = workshop("workbench", "weigh");
export const WORKBENCH_YAML = new TextEncoder().encode(WORKBENCH);

const VISIT_DATA = {
  customer: { name: PERSON, phone: "13800000001", language: "en" },
  vehicle: { plate: "A-1", vin: "LSVAA4182E2184847", model: "Compact 1.5" },
};

export async function publishProcesses(server: TestServer): Promise<void> {
  await publish(asking(server), await definitionFile("service-visit/1.0.0.yaml"));
  await publish(asking(server), WORKBENCH);
  // Whose jobs are claimed, so that those of the other stay open.
  await publish(asking(server), workshop("packing", "pack"));
}

/** Makes things of a centre (null: of none), each by whoever would. */
export interface Maker {
  readonly all: () => Promise<Things>;
  readonly order: () => Promise<Pick<Things, "order" | "task" | "businessKey">>;
  readonly job: () => Promise<Pick<Things, "job" | "leaseToken">>;
  readonly openJob: () => Promise<Pick<Things, "openJob">>;
  readonly incident: () => Promise<Pick<Things, "incident">>;
  readonly case: () => Promise<Pick<Things, "case">>;
  readonly message: () => Promise<Pick<Things, "message">>;
  readonly clock: () => Promise<Pick<Things, "clock">>;
  readonly apiKey: () => Promise<Pick<Things, "apiKey">>;
  readonly webhook: () => Promise<Pick<Things, "webhook" | "delivery">>;
}

export function makerOf(server: TestServer, home: Home): Maker {
  const centres = home === null ? ("*" as const) : [home];
  const post = async (path: string, body: JsonObject, role = "admin"): Promise<Answer["body"]> => {
    const answer = await asking(server)(path, { body, token: await tokenFor(role, { centres }) });
    if (answer.status > 202) throw new Error(`${path}: ${answer.text}`);
    return answer.body;
  };
  const jobOf = async (process: string): Promise<string> => {
    const body = { process, data: { owner: PERSON }, ...inCentre(home) };
    return String((await post("/v1/work-orders", body)).jobs[0].id);
  };
  const openJob = async () => ({ openJob: await jobOf("workbench") });
  const job = async () => {
    const id = await jobOf("packing");
    const { items } = await post("/v1/jobs/claim", {
      types: ["pack"],
      max: 100,
      leaseSeconds: 600,
    });
    const found = items.find((item: { readonly id: string }) => item.id === id);
    return { job: id, leaseToken: String(found.leaseToken) };
  };
  const make: Omit<Maker, "all"> = {
    openJob,
    job,
    order: async () => {
      const businessKey = `K-${randomUUID()}`;
      const body = { process: "service-visit", businessKey, data: VISIT_DATA, ...inCentre(home) };
      const { id } = await post("/v1/work-orders", body);
      const token = await tokenFor("admin");
      const tasks = await asking(server)(`/v1/tasks?order=${id}`, { token });
      return { order: String(id), task: String(tasks.body.items[0].id), businessKey };
    },
    incident: async () => {
      const { job: id, leaseToken } = await job();
      const error = { code: "broken", message: "the scales" };
      await post(`/v1/jobs/${id}/fail`, { error, retryable: false, leaseToken });
      const [order] = id.split(".");
      const found = await asking(server)(`/v1/incidents?order=${order}`);
      return { incident: String(found.body.items[0].id) };
    },
    case: async () => {
      const body = { process: "service-visit", data: VISIT_DATA, ...inCentre(home) };
      const { id: order } = await post("/v1/work-orders", body);
      return { case: String((await post("/v1/audit/erasures", { order, ...BECAUSE })).id) };
    },
    message: async () => ({ message: String((await post(...keptMessage(), "advisor")).id) }),
    clock: async () => ({ clock: String((await post("/v1/test-clocks", {})).id) }),
    apiKey: async () => {
      const body = { name: "scales", roles: ["worker"] };
      return { apiKey: String((await post("/v1/api-keys", body)).id) };
    },
    webhook: async () => {
      const { id } = await post("/v1/webhooks", { url: HOOK, events: ["*"] });
      const delivery = await post(`/v1/webhooks/${id}/test`, {});
      return { webhook: String(id), delivery: String(delivery.id) };
    },
  };
  const all = async (): Promise<Things> => ({
    home,
    ...{ ...(await make.webhook()), ...(await make.order()), ...(await make.incident()) },
    ...{ ...(await make.job()), ...(await make.openJob()), ...(await make.message()) },
    ...{ ...(await make.clock()), ...(await make.apiKey()), ...(await make.case()) },
  });
  return { ...make, all };
}

/** Why a person's data are dealt with. */
export const BECAUSE = { ground: "request", reason: "asked in writing" };

export const HOOK = "http://localhost:9/hook";

export function keptMessage(): readonly [string, JsonObject] {
  const correlation = { businessKey: `nobody-${randomUUID()}` };
  const body = {
    name: "PROPOSE_SERVICES",
    correlation,
    payload: { services: [] },
    ttlSeconds: 3600,
  };
  return ["/v1/messages", body];
}

export function inCentre(home: Home): { readonly centre?: string } {
  return home === null ? {} : { centre: home };
}

export function newVisit(): JsonObject {
  return { process: "service-visit", data: VISIT_DATA };
}

/** Well-formed names of nothing. */
export const NEVER: Omit<Things, "home"> = {
  businessKey: "K-never",
  order: "01980c3e-6c1a-7000-8000-00000000dead",
  task: "01980c3e-6c1a-7000-8000-00000000dead.1.1",
  job: "01980c3e-6c1a-7000-8000-00000000dead.1.1",
  leaseToken: "never",
  openJob: "01980c3e-6c1a-7000-8000-00000000dead.1.1",
  incident: "01980c3e-6c1a-7000-8000-00000000dead.1",
  case: "01980c3e-6c1a-7000-8000-00000000dead",
  message: "01980c3e-6c1a-7000-8000-00000000dead",
  clock: "01980c3e-6c1a-7000-8000-00000000dead",
  apiKey: "01980c3e-6c1a-7000-8000-00000000dead",
  webhook: "01980c3e-6c1a-7000-8000-00000000dead",
  delivery: "01980c3e-6c1a-7000-8000-00000000dead",
};

export type Request = Ask & { readonly path: string };
