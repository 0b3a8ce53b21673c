/** The OpenAPI document's examples are what a real service visit said: they are recorded here, and kept by this test. */

import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../machines/json.ts";
import { createCallers } from "../../src/cli/demo/callers.ts";
import { play } from "../../src/cli/demo/play.ts";
import { storyOf } from "../../src/cli/demo/story.ts";
import { DEMO_WORDS } from "../../src/cli/demo/words.ts";
import { judgeFiles } from "../../src/design/judge-files.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { createRecorder, steady } from "../support/openapi/recorder.ts";
import type { Recorded, Recorder } from "../support/openapi/recorder.ts";
import { operationsOf } from "../support/openapi/sample.ts";
import { definitionFile, embeddedServer, tokenFor } from "./server.ts";
import type { TestServer } from "./server.ts";

const FOLDER = new URL("../../src/http/openapi/recorded/", import.meta.url);
const CENTRE = "sh-01";

const document = await openApiDocument();
let recorded: readonly Recorded[] = [];

beforeAll(async () => {
  const from = new Date();
  const server = await embeddedServer();
  const recorder = createRecorder(document);
  await visit(server, recorder);
  await server.close();
  const still = steady(from);
  recorded = recorder.recorded.map(({ request, answer, ...rest }) => ({
    ...rest,
    request: request === undefined ? undefined : still(request),
    answer: still(answer),
  }));
});

type Say = (
  method: string,
  path: string,
  body?: Json,
  as?: {
    readonly role?: string | readonly string[];
    readonly type?: string;
    readonly headers?: object;
  },
) => Promise<ReturnType<typeof JSON.parse>>;

function speaker({ app }: TestServer, recorder: Recorder): Say {
  return async (
    method,
    path,
    body,
    { role = "admin", type = "application/json", headers = {} } = {},
  ) => {
    // Definitions are of all centres.
    const centres = path.startsWith("/v1/definitions") ? ("*" as const) : [CENTRE];
    const token = await tokenFor(role, { sub: `a-${[role].flat()[0]}`, centres });
    const request = new Request(new URL(path, "http://in-process"), {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": type }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await recorder.ask(request, app.fetch);
    return response.text().then((text) => (text === "" ? null : JSON.parse(text)));
  };
}

/** One visit from booking to day 30, then what an integrator does around visits. */
async function visit(server: TestServer, recorder: Recorder): Promise<void> {
  const say = speaker(server, recorder);
  const text = await definitionFile("service-visit/1.0.0.yaml");
  await publishing(server, recorder, text);
  await theStory(server, recorder, text);
  const order = await reading(say);
  await refused(say, order);
  await tasks(say);
  await jobs(say);
  await messagesAndWebhooks(say);
  await keysAndOperation(say);
  await personalData(say);
}

async function publishing(server: TestServer, recorder: Recorder, text: string): Promise<void> {
  const token = await tokenFor("admin", { sub: "a-admin" });
  for (const path of ["/v1/definitions/check", "/v1/definitions", "/v1/definitions"]) {
    const url = new URL(path, "http://in-process");
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/yaml" };
    await recorder.ask(new Request(url, { method: "POST", headers, body: text }), server.app.fetch);
  }
}

async function theStory(server: TestServer, recorder: Recorder, text: string): Promise<void> {
  const scenarios = await definitionFile("service-visit/1.0.0.scenarios.yaml");
  const file = judgeFiles({ text, format: "yaml" }, scenarios).scenarios?.file;
  const story = file === undefined || file === null ? null : storyOf(file, "good-story");
  if (story === null) throw new Error("the story is not told");
  const cast = [...story.cast].map(
    async ([name, roles]) =>
      [name, await tokenFor(roles, { sub: name, centres: [CENTRE] })] as const,
  );
  await play({
    callers: createCallers("http://in-process", (request) =>
      recorder.ask(request, server.app.fetch),
    ),
    story,
    orderId: ORDER,
    definition: { process: "service-visit", version: "1.0.0" },
    businessKey: "WO-2026-1123-01",
    centre: CENTRE,
    tokens: new Map(await Promise.all(cast)),
    adminToken: await tokenFor("admin", { sub: "a-admin", centres: [CENTRE] }),
    speed: Infinity,
    maxPauseMs: 0,
    narrator: { entry: () => undefined, note: () => undefined },
    words: DEMO_WORDS.en,
    url: "http://in-process",
  });
}

const ORDER = "01980c3e-6c1a-7000-8000-0123456789ab";
const DATA = {
  customer: { name: "王芳", phone: "13800000001", language: "zh" },
  vehicle: { plate: "沪A·D0001", vin: "LSVAA4182E2184847", model: "Compact 1.5", energy: "fuel" },
};

async function reading(say: Say): Promise<string> {
  const at = `/v1/work-orders/${ORDER}`;
  await say("GET", `${at}/history?limit=2`);
  await say("GET", `${at}/at?revision=4`, undefined, { role: "advisor" });
  await say("GET", "/v1/definitions");
  await say("GET", "/v1/definitions/service-visit");
  await say(
    "PUT",
    "/v1/definitions/service-visit/default",
    { version: "1.0.0" },
    { role: "admin" },
  );
  const request = {
    process: "service-visit",
    businessKey: "WO-2026-1123-02",
    centre: CENTRE,
    data: DATA,
  };
  const { id } = await say("POST", "/v1/work-orders", { ...request, id: randomUUID() });
  await say(
    "POST",
    `/v1/work-orders/${id}/events:preview`,
    { type: "WALK_IN" },
    { role: "advisor" },
  );
  await say("POST", "/v1/events:batch", {
    events: [
      { id, type: "WALK_IN", payload: {}, idempotencyKey: "arrival-0815", ifMatch: '"1"' },
      { id: ORDER, type: "WALK_IN", payload: {} },
    ],
  });
  await say("GET", `/v1/work-orders/${id}`, undefined, { role: "advisor" });
  await say("GET", "/v1/work-orders?process=service-visit&status=active&limit=1");
  return id;
}

async function refused(say: Say, id: string): Promise<void> {
  const events = `/v1/work-orders/${id}/events`;
  const event = { type: "WALK_IN", payload: {} };
  await say("POST", events, event, { role: "advisor" });
  await say("POST", events, event, { headers: { "If-Match": '"1"' } });
  await say("POST", events, event, { headers: { "If-Match": "1" } });
  await say("POST", events, { type: "FLY" });
  await say("POST", events, { type: "CONFIRM", payload: { minutes: "many" } }, { role: "advisor" });
  await say("POST", events, { type: "WALK_IN", payload: [] });
  await say("POST", events, event, { role: "auditor" });
  await say("POST", `/v1/work-orders/${ORDER}/events`, event, { role: "advisor" });
  await say("GET", `/v1/work-orders/${id}?expand=all`);
  await say("GET", "/v1/work-orders/none");
  await say("GET", "/v1/definitions/none");
  await say("POST", "/v1/definitions", "process: x", { type: "application/yaml" });
  for (const body of ["{", '{"a":1,"a":2}', '{"__proto__":1}', '{"a":"\\u0000"}', '{"a":1e999}']) {
    await say("POST", events, body);
  }
  await say("POST", events, "[".repeat(33));
  await say("POST", events, " ".repeat(1_048_577));
  await say("POST", events, "{}", { type: "text/plain" });
  await say("GET", `/v1/work-orders/${id}`, undefined, { headers: { Accept: "text/html" } });
  await say("GET", `/v1/work-orders/${id}`, undefined, { headers: { Authorization: "Bearer x" } });
  const again = { process: "service-visit", id: ORDER, centre: CENTRE, data: DATA };
  await say("POST", "/v1/work-orders", again);
  await say("POST", "/v1/work-orders", { ...again, centre: "bj-07" });
  await say("POST", "/v1/work-orders", { ...again, id: randomUUID(), data: { vehicle: 1 } });
  const headers = { "Idempotency-Key": "arrival-0816" };
  await say("POST", events, event, { headers });
  await say("POST", events, { type: "FLY" }, { headers });
  await say("POST", `${events}:preview`, event, { role: "auditor" });
  await say("POST", `${events}:preview`, event, { headers: { "If-Match": '"1"' } });
}

async function tasks(say: Say): Promise<void> {
  const { items } = await say("GET", "/v1/tasks?limit=1", undefined, { role: "advisor" });
  const at = `/v1/tasks/${items[0]?.id}`;
  await say("GET", at, undefined, { role: "advisor" });
  await say("POST", `${at}/claim`, {}, { role: "advisor" });
  await say("POST", `${at}/claim`, {}, { role: ["manager"] });
  await say("POST", `${at}/release`, {}, { role: "advisor", headers: { "If-Match": '"99"' } });
  await say("POST", `${at}/release`, {}, { role: "advisor" });
}

/** The flagship's own jobs are the server's; this one is for a worker outside. */
const PARTS = `
process: parts-order
version: 1.0.0
roles: [parts]
data: { type: object, properties: { number: { type: string }, shelf: { type: string } } }
machine:
  initial: ordering
  states:
    ordering:
      invoke:
        src: order-part
        input: { number: '= number' }
        onDone: { target: arrived, actions: [{ type: assign, params: { shelf: '= event.output.shelf' } }] }
    arrived: { type: final }
`;

async function jobs(say: Say): Promise<void> {
  const text = await say("POST", "/v1/definitions", PARTS, { type: "application/yaml" });
  expect(text.process).toBe("parts-order");
  const order: JsonObject = { process: "parts-order", centre: CENTRE, data: { number: "BP-2231" } };
  for (const _ of [1, 2]) await say("POST", "/v1/work-orders", order);
  const claim = {
    types: ["order-part"],
    worker: "warehouse-1",
    max: 1,
    leaseSeconds: 60,
    waitSeconds: 0,
  };
  const [first] = (await say("POST", "/v1/jobs/claim", claim)).items;
  await say("GET", "/v1/jobs?type=order-part&limit=1");
  await say("GET", `/v1/jobs/${first.id}`);
  const { leaseToken } = first;
  await say("POST", `/v1/jobs/${first.id}/extend`, { leaseSeconds: 120, leaseToken });
  await say("POST", `/v1/jobs/${first.id}/complete`, { output: { shelf: "B-07" }, leaseToken });
  const [second] = (await say("POST", "/v1/jobs/claim", claim)).items;
  const error = { code: "discontinued", message: "BP-2231 is no longer made" };
  const mine = { leaseToken: second.leaseToken };
  await say("POST", `/v1/jobs/${second.id}/complete`, { output: {}, leaseToken });
  const failure = { error, retryable: false, ...mine };
  await say("POST", `/v1/jobs/${second.id}/fail`, failure, { headers: { "If-Match": '"99"' } });
  await say("POST", `/v1/jobs/${second.id}/fail`, failure);
  const { items } = await say("GET", "/v1/incidents");
  await say("GET", `/v1/incidents/${items[0].id}`);
  await say("POST", `/v1/incidents/${items[0].id}/resolve`, {
    reason: "Taken from the other centre's stock.",
    output: { shelf: "A-01" },
  });
}

async function messagesAndWebhooks(say: Say): Promise<void> {
  const news = { name: "WALK_IN", correlation: { businessKey: "WO-2026-1123-09" }, payload: {} };
  const by = { role: "advisor" };
  await say("POST", "/v1/messages", news, by);
  const kept = await say("POST", "/v1/messages", { ...news, ttlSeconds: 86_400 }, by);
  await say("GET", `/v1/messages/${kept.id}`, undefined, by);
  await say("GET", "/v1/messages?state=kept", undefined, by);
  const key = { ...news.correlation, businessKey: "WO-2026-1124-01" };
  const order = {
    process: "service-visit",
    businessKey: key.businessKey,
    centre: CENTRE,
    data: DATA,
  };
  await say("POST", "/v1/work-orders", order);
  await say("POST", "/v1/messages", { ...news, correlation: key }, by);
  const hook = await say("POST", "/v1/webhooks", {
    url: "http://localhost:9/sevenstep",
    events: ["sevenstep.work-order.*", "sevenstep.effect.notify"],
    description: "the ERP's own copy",
  });
  const at = `/v1/webhooks/${hook.id}`;
  await say("GET", "/v1/webhooks");
  await say("GET", at);
  await say("PATCH", at, { disabled: true });
  await say("POST", `${at}/rotate-secret`, { overlapSeconds: 86_400 });
  await say("POST", "/v1/webhooks", { url: "http://10.0.0.1/", events: ["*"] });
  await say("GET", `${at}/deliveries?limit=1`);
  await say("DELETE", at);
}

async function keysAndOperation(say: Say): Promise<void> {
  const request = { name: "parts warehouse", roles: ["worker"], centres: [CENTRE] };
  const { id } = await say("POST", "/v1/api-keys", request);
  await say("GET", "/v1/api-keys");
  await say("GET", `/v1/api-keys/${id}`);
  await say("POST", `/v1/api-keys/${id}/rotate`, { overlapSeconds: 3600 });
  for (const path of ["/healthz", "/readyz", "/problems/revision-mismatch"]) await say("GET", path);
  await say("GET", "/v1/audit/export?process=parts-order");
}

async function personalData(say: Say): Promise<void> {
  const order = {
    ...{ process: "parts-order", centre: CENTRE, data: { number: "BP-2231" } },
    subject: "customer-4711",
  };
  const { id } = await say("POST", "/v1/work-orders", order);
  const asked = { subject: "customer-4711", ground: "request", reason: "Asked in writing." };
  const erasure = await say("POST", "/v1/audit/erasures", asked, { role: "privacy" });
  await say("GET", "/v1/audit/cases?kind=erasure", undefined, { role: "privacy" });
  await say("GET", `/v1/audit/cases/${erasure.id}`, undefined, { role: "privacy" });
  const contested = { ...asked, ground: "contested", reason: "Says that it is wrong." };
  const { id: restriction } = await say("POST", "/v1/audit/restrictions", contested);
  await say("POST", "/v1/audit/erasures", asked, { role: "privacy" });
  const claim = { order: id, ground: "legal-claim", reason: "The court asks for it." };
  await say("POST", "/v1/audit/openings", claim, { role: "privacy" });
  const lift = { decision: "lift", reason: "It was right." };
  await say("POST", `/v1/audit/cases/${restriction}/decision`, lift, { role: "privacy" });
}

/** What shows most: an event that says something, an order in the middle of its visit. */
function bestOf(all: readonly Recorded[]): Recorded | undefined {
  const tells = ({ request, answer }: Recorded): boolean => {
    const payload = isObject(request) ? request["payload"] : undefined;
    const enabled = isObject(answer) ? answer["enabled"] : undefined;
    const saysSomething =
      payload === undefined || (isObject(payload) && Object.keys(payload).length > 0);
    return (
      saysSomething && (enabled === undefined || (Array.isArray(enabled) && enabled.length > 0))
    );
  };
  return all.find(tells) ?? all[0];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Streams and texts are no JSON, an empty answer has no example, and the last two need a receiver of webhooks. */
const WITHOUT = new Set([
  ...["streamWorkOrder", "streamEntries", "readMetrics", "getDefinition", "getEvidence"],
  "retryIncident",
  ...["withdrawMessage", "revokeApiKey", "deleteWebhook", "testWebhook", "resendDelivery"],
  // What is signed is another each time: their examples stand with their schemas.
  ...["listCheckpoints", "listLogKeys", "getLogConsistency"],
]);

describe("the examples of the OpenAPI document", () => {
  test.each(
    operationsOf(document)
      .map(({ operation }) => operation.operationId)
      .filter((id) => !WITHOUT.has(id)),
  )("of %s are what the visit said (npm run generate writes them)", async (operationId) => {
    const granted = recorded.filter(
      (each) => each.operationId === operationId && each.status < 300,
    );
    const byStatus = Map.groupBy(granted, ({ status }) => String(status));
    const best = bestOf(granted);
    expect(best).toBeDefined();
    const responses = [...byStatus].map(([status, all]) => [status, bestOf(all)?.answer]);
    const example = {
      ...(best?.request === undefined ? {} : { request: best.request }),
      responses: Object.fromEntries(responses),
    };
    await expect(json(example)).toMatchFileSnapshot(
      new URL(`${operationId}.json`, FOLDER).pathname,
    );
  });

  test("of problems are what the visit was refused with", async () => {
    const problems = recorded.filter(({ status }) => status >= 400).map(({ answer }) => answer);
    const byCode = Map.groupBy(problems, (answer) =>
      isObject(answer) ? JSON.stringify(answer["code"]) : "",
    );
    const entries = [...byCode].map(([code, [first]]) => [JSON.parse(code), first]);
    expect(entries.length).toBeGreaterThan(25);
    await expect(
      json(Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)))),
    ).toMatchFileSnapshot(new URL("problems.json", FOLDER).pathname);
  });
});
