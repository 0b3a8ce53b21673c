/** Tasks over HTTP: every answer and every refusal, claims sent twice, lists walked page by page. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { task as taskSchema } from "../../src/http/schemas/task.ts";
import { GARAGE } from "../runtime/garage.ts";
import { asking, definitionFile, embeddedServer, publish, tokenFor } from "./server.ts";
import type { Answer, Ask, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let advisor = "";
let technician = "";
let other = "";
let manager = "";

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  const centres = ["sh-01"];
  advisor = await tokenFor("advisor", { sub: "ann", centres });
  technician = await tokenFor("technician", { sub: "tim", centres });
  other = await tokenFor("technician", { sub: "tom", centres });
  manager = await tokenFor("manager", { sub: "mia", centres });
  await publish(ask, GARAGE);
  await publish(ask, await definitionFile("service-visit/1.0.0.yaml"));
});
afterAll(() => server.close());

async function create(more: object = {}): Promise<string> {
  const body = { process: "garage", centre: "sh-01", ...more };
  return (await ask("/v1/work-orders", { body })).body.id;
}

const send = (id: string, type: string, token = advisor): Promise<Answer> =>
  ask(`/v1/work-orders/${id}/events`, { token, body: { type } });

/** A technician's task, `todo`, of an order of its own. */
async function todo(): Promise<string> {
  const id = await create();
  await send(id, "ACCEPT");
  return `${id}.2.1`;
}

const claim = (task: string, more: Ask = {}): Promise<Answer> =>
  ask(`/v1/tasks/${task}/claim`, { method: "POST", token: technician, ...more });

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(problemSchema.parse(answer.body)).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
}

describe("GET /v1/tasks", () => {
  test("answers what waits, with title and events in the asked language", async () => {
    const id = await create({ businessKey: "任务-1" });
    const path = `/v1/tasks?businessKey=${encodeURIComponent("任务-1")}`;
    const { body, headers } = await ask(path, {
      token: advisor,
      headers: { "Accept-Language": "zh" },
    });
    expect(headers.get("content-language")).toBe("zh");
    expect(body.nextCursor).toBeNull();
    expect(taskSchema.strict().parse(body.items[0])).toMatchObject({
      id: `${id}.1.1`,
      order: id,
      businessKey: "任务-1",
      title: "接待",
      role: "advisor",
      assignee: null,
    });
    expect(body.items[0].events[0]).toMatchObject({ event: "ACCEPT", title: "接车" });
    const english = (await ask(path, { token: advisor })).body.items[0];
    expect(english).toMatchObject({ title: "Reception" });
    expect(english.events[0].payloadSchema).toBeTypeOf("object");
  });

  test("filters by role, centre, assignee, process, order, business key and due time", async () => {
    const id = await create({ centre: "bj-01", businessKey: "K" });
    await send(id, "ACCEPT", await tokenFor("advisor"));
    const found = async (query: string): Promise<readonly string[]> => {
      const { body } = await ask(`/v1/tasks?order=${id}&${query}`);
      return body.items.map(({ state }: { readonly state: string }) => state);
    };
    const both = ["work.hands.todo", "work.papers.form"];
    expect(await found("")).toEqual(both);
    expect(await found("role=technician")).toEqual(["work.hands.todo"]);
    expect(await found("centre=bj-01&process=garage&businessKey=K")).toEqual(both);
    expect(await found("centre=sh-01")).toEqual([]);
    expect(await found("overdue=true")).toEqual([]);
    expect(await found("overdue=false")).toEqual(both);
    await claim(`${id}.2.1`, { token: await tokenFor("technician", { sub: "li-lei" }) });
    expect(await found("assignee=li-lei")).toEqual(["work.hands.todo"]);
    expect(await found("assigned=true")).toEqual(["work.hands.todo"]);
    expect(await found("assigned=false")).toEqual(["work.papers.form"]);
    expect(await found("role=%27%20or%201%3D1--")).toEqual([]);
  });

  test("refuses a query that it can't mean", async () => {
    const wrong = [
      "overdue=yes",
      "assigned=",
      "order=1",
      "limit=0",
      "limit=501",
      "role=%00",
      "who=me",
    ];
    for (const query of wrong) {
      expectProblem(await ask(`/v1/tasks?${query}`), 422, "request-invalid");
    }
  });

  test("of another centre are absent", async () => {
    const task = await todo();
    const token = await tokenFor("technician", { centres: ["bj-09"] });
    expect((await ask("/v1/tasks", { token })).body.items).toEqual([]);
    expectProblem(await ask(`/v1/tasks/${task}`, { token }), 404, "not-found");
    expectProblem(await claim(task, { token }), 404, "not-found");
  });

  test("the flagship's customer finds what to do, with the payload's schema", async () => {
    const data = {
      customer: { name: "Ann", phone: "13800000001" },
      vehicle: { plate: "A-1", vin: "LSVAA4182E2184847", model: "Compact" },
    };
    const id = await create({ process: "service-visit", data });
    const token = await tokenFor("customer", { centres: ["sh-01"] });
    const { body } = await ask(`/v1/tasks?order=${id}`, { token });
    expect(body.items[0]).toMatchObject({ step: "appointment", role: "customer" });
    expect(body.items[0].events.map(({ event }: { event: string }) => event)).toEqual(
      expect.arrayContaining(["BOOK", "WALK_IN", "CANCEL"]),
    );
    expect(body.items[0].dueAt).not.toBeNull();
  });
});

describe("POST /v1/tasks/{id}/claim", () => {
  test("takes the task for the caller, and answers it with the order's entity tag", async () => {
    const task = await todo();
    const answer = await claim(task);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(taskSchema.strict().parse(answer.body)).toMatchObject({ id: task, assignee: "tim" });
    const read = await ask(`/v1/tasks/${task.toUpperCase()}`, { token: technician });
    expect(read.body).toEqual(answer.body);
    expect(read.headers.get("etag")).toBe('"2"');
  });

  test("is refused to others, to other roles, and to readers", async () => {
    const task = await todo();
    await claim(task);
    const taken = await claim(task, { token: other });
    expectProblem(taken, 409, "task-claimed");
    expect(taken.body.assignee).toBe("tim");
    expectProblem(await claim(task, { token: advisor }), 403, "role-not-allowed");
    const auditor = await tokenFor("auditor");
    expectProblem(await claim(task, { token: auditor }), 403, "role-not-allowed");
    expectProblem(await claim(task, { token: null }), 401, "authentication-required");
    const body = { assignee: "tom" };
    expectProblem(await claim(task, { body }), 403, "role-not-allowed");
    expect((await claim(task, { token: manager, body })).body.assignee).toBe("tom");
  });

  test("refuses a body that it can't mean, and takes none", async () => {
    const task = await todo();
    // Who: a pseudonymous id, never a name.
    const bodies = [{ assignee: "" }, { assignee: "李雷" }, { who: "me" }, { assignee: 1 }, []];
    for (const body of bodies) {
      expectProblem(await claim(task, { body }), 422, "request-invalid");
    }
    expectProblem(await claim(task, { body: { assignee: "a\0" } }), 400, "body-text-unsafe");
    expectProblem(await claim(task, { body: "{" }), 400, "body-malformed");
    const headers = { "Content-Type": "text/plain" };
    expectProblem(await claim(task, { body: "{}", headers }), 415, "media-type-unsupported");
    expect((await claim(task, { body: {} })).status).toBe(200);
  });

  test("with If-Match, only on the order as it was seen", async () => {
    const task = await todo();
    const stale = await claim(task, { headers: { "If-Match": '"1"' } });
    expectProblem(stale, 412, "revision-mismatch");
    expect(stale.body.currentRevision).toBe(2);
    expectProblem(await claim(task, { headers: { "If-Match": "2" } }), 400, "header-invalid");
    expect((await claim(task, { headers: { "If-Match": '"2"' } })).status).toBe(200);
  });

  test("sent again under its key, answers as the first time although the task has moved on", async () => {
    const task = await todo();
    const headers = { "Idempotency-Key": `claim-${task}` };
    const first = await claim(task, { headers });
    expect(first.body.assignee).toBe("tim");
    await ask(`/v1/tasks/${task}/release`, { method: "POST", token: technician });
    await claim(task, { token: other });
    const again = await claim(task, { headers });
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect((await ask(`/v1/tasks/${task}`)).body.assignee).toBe("tom");
    const otherBody = await claim(task, { headers, body: { assignee: "tim" } });
    expectProblem(otherBody, 422, "idempotency-key-reused");
  });

  test("a refusal under a key is given again, and takes no effect later", async () => {
    const task = await todo();
    await claim(task, { token: other });
    const headers = { "Idempotency-Key": `refused-${task}` };
    expectProblem(await claim(task, { headers }), 409, "task-claimed");
    await ask(`/v1/tasks/${task}/release`, { method: "POST", token: other });
    expectProblem(await claim(task, { headers }), 409, "task-claimed");
    expect((await ask(`/v1/tasks/${task}`)).body.assignee).toBeNull();
  });

  test("of twenty at once under one key one takes effect, and all are answered alike or told to wait", async () => {
    const task = await todo();
    const headers = { "Idempotency-Key": `once-${task}` };
    const answers = await Promise.all(Array.from({ length: 20 }, () => claim(task, { headers })));
    const texts = answers.filter(({ status }) => status === 200).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectProblem(answer, 409, "idempotency-in-progress");
    }
  });

  test("of a task that is done, or never was, is not found", async () => {
    const task = await todo();
    await send(task.split(".")[0] ?? "", "START", technician);
    const never = ["x", "..", task.slice(0, -1), `${task}.1`, "%00", "a".repeat(201)];
    for (const id of [task, ...never.filter((each) => each !== "..")]) {
      expectProblem(await claim(id), 404, "not-found");
    }
  });
});

describe("POST /v1/tasks/{id}/release", () => {
  test("gives it back; only who has it may, or a manager", async () => {
    const task = await todo();
    const release = (token: string): Promise<Answer> =>
      ask(`/v1/tasks/${task}/release`, { method: "POST", token });
    await claim(task);
    expectProblem(await release(other), 409, "task-claimed");
    expect((await release(technician)).body.assignee).toBeNull();
    await claim(task);
    expect((await release(manager)).body).toMatchObject({ id: task, assignee: null });
    const body = { assignee: "tim" };
    const odd = await ask(`/v1/tasks/${task}/release`, { token: technician, body });
    expectProblem(odd, 422, "request-invalid");
  });
});
