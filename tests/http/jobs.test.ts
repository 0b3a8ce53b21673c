/** `/v1/jobs` and `/v1/incidents` as an outside worker and a manager meet them. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlaces } from "../../src/http/places.ts";
import { claimedJob, job as jobSchema } from "../../src/http/schemas/job.ts";
import { incident as incidentSchema } from "../../src/http/schemas/incident.ts";
import { until } from "../runtime/engine.ts";
import { embeddedServer, asking, publish, tokenFor } from "./server.ts";
import type { Answer, Ask, Asking, TestServer } from "./server.ts";
import { endsWithin } from "../support/in-time.ts";

const PRINTING = `
process: printing
version: 1.0.0
roles: [clerk, printer]
data:
  type: object
  required: [title]
  properties:
    title: { type: string }
    reader: { type: string, x-personal: true }
    pages: { type: integer, default: 0 }
    why: { type: string, default: none }
events: { CANCEL: { by: [clerk] }, AGAIN: { by: [clerk] } }
jobs:
  print:
    by: [printer]
    retries: 2
    backoff: PT5M
    input: { type: object, required: [title], properties: { title: { type: string }, reader: { type: string, x-personal: true } } }
    output:
      type: object
      required: [pages]
      properties: { pages: { type: integer, minimum: 1 }, by: { type: string, x-personal: true } }
  bind: { retries: 0 }
invariants: [{ id: short, always: '= pages < 1000' }]
machine:
  initial: printing
  states:
    printing:
      on: { CANCEL: cancelled }
      invoke:
        src: print
        input: { title: '= title', reader: '= reader' }
        onDone: { target: binding, actions: [{ type: assign, params: { pages: '= event.output.pages' } }] }
        onError:
          guard: '= event.error.code == "out-of-paper"'
          target: stopped
          actions: [{ type: assign, params: { why: '= event.error.message' } }]
    binding:
      on: { CANCEL: cancelled }
      invoke: { src: bind, onDone: done }
      after: { PT1H: { target: stopped, actions: [{ type: assign, params: { pages: '= pages == 7 ? 1 / 0 : pages' } }] } }
    stopped: { on: { AGAIN: printing } }
    cancelled: { type: final }
    done: { type: final }
`;

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  await publish(ask, PRINTING);
});
afterAll(() => server.close());

/** Each test has a centre of its own, so that no claim meets another test's jobs. */
let centres = 0;
async function inCentre() {
  centres += 1;
  const centre = `c-${centres}`;
  const token = (roles: string | readonly string[], sub?: string) =>
    tokenFor(roles, { centres: [centre], ...(sub === undefined ? {} : { sub }) });
  const clerk = await token("clerk");
  const worker = await token("worker");
  const order = async () => {
    const data = { title: "Ulysses", reader: "Wang Fang" };
    const made = await ask("/v1/work-orders", {
      token: clerk,
      body: { process: "printing", data },
    });
    expect(made.status).toBe(201);
    return made.body;
  };
  const claim = async (more: object = {}, as = worker, headers: Ask["headers"] = {}) =>
    ask("/v1/jobs/claim", { token: as, body: { types: ["print"], ...more }, headers });
  const post = (path: string, body: Ask["body"] = {}, as = worker, headers: Ask["headers"] = {}) =>
    ask(path, { token: as, body, headers });
  return { centre, token, clerk, worker, order, claim, post };
}

function problem(answer: Answer, status: number, code: string): string {
  expect([answer.status, answer.body?.code], answer.text).toEqual([status, code]);
  return answer.body.detail;
}

describe("claiming", () => {
  test("gives the job with its order, and the same id that the work order shows", async () => {
    const { order, claim, worker, centre } = await inCentre();
    const made = await order();
    const { status, body } = await claim({ worker: "p-1" });
    expect(status).toBe(200);
    const [claimed] = body.items;
    expect(claimedJob.strict().parse(claimed)).toMatchObject({
      ...{ id: made.jobs[0].id, type: "print", attempt: 1, retriesLeft: 2 },
      order: { id: made.id, process: "printing", version: "1.0.0", centre, revision: 1 },
      input: { title: "Ulysses" },
    });
    const seen = await ask(`/v1/jobs/${claimed.id}`, { token: worker });
    expect(jobSchema.strict().parse(seen.body)).toMatchObject({
      ...{ state: "leased", worker: "p-1", attempts: 1, leaseUntil: claimed.leaseUntil },
    });
    expect(seen.text).not.toContain(claimed.leaseToken);
    expect((await claim()).body).toEqual({ items: [] });
  });

  test("opens persons' values for whoever takes part in the process only", async () => {
    const { order, claim, token, worker } = await inCentre();
    await order();
    await order();
    const outside = await claim();
    expect(outside.text).not.toContain("Wang Fang");
    const inside = await claim({}, await token("printer"));
    expect(inside.body.items[0].input).toEqual({ title: "Ulysses", reader: "Wang Fang" });
    const listed = await ask("/v1/jobs?type=print", { token: worker });
    expect(listed.text).not.toContain("Wang Fang");
  });

  test("is for workers, and for the roles that the document names for the type", async () => {
    const { order, claim, token, post } = await inCentre();
    await order();
    expect((await claim({}, await token("clerk"))).body.items).toEqual([]);
    expect((await claim({ types: ["bind"] }, await token("printer"))).body.items).toEqual([]);
    problem(await claim({}, await token("auditor")), 403, "role-not-allowed");
    const { items } = (await claim({}, await token("printer"))).body;
    const path = `/v1/jobs/${items[0].id}`;
    const { leaseToken } = items[0];
    for (const [end, body] of [
      ["complete", { output: { pages: 2 }, leaseToken }],
      ["fail", { error: { code: "x", message: "" }, leaseToken }],
      ["extend", { leaseSeconds: 9, leaseToken }],
    ] as const) {
      problem(await post(`${path}/${end}`, body, await token("clerk")), 403, "role-not-allowed");
    }
  });

  test("looks past jobs of other centres as if they were not there", async () => {
    const one = await inCentre();
    const other = await inCentre();
    const { jobs } = await one.order();
    expect((await other.claim()).body.items).toEqual([]);
    const [claimed] = (await one.claim()).body.items;
    const path = `/v1/jobs/${jobs[0].id}`;
    const body = { output: { pages: 1 }, leaseToken: claimed.leaseToken };
    problem(await other.post(`${path}/complete`, body), 404, "not-found");
    problem(await other.post(`${path}/extend`, { leaseSeconds: 5 }), 404, "not-found");
    problem(await ask(path, { token: other.worker }), 404, "not-found");
    expect((await ask("/v1/jobs", { token: other.worker })).body.items).toEqual([]);
    expect((await ask("/v1/jobs", { token: one.worker })).body.items).toHaveLength(1);
  });

  test("looks past other processes' jobs of the same type, where it names a process", async () => {
    const { order, claim, worker } = await inCentre();
    const { id } = await order();
    const twin = PRINTING.replace("process: printing", "process: reprinting");
    await publish(ask, twin);
    expect((await claim({ process: "reprinting" })).body.items).toEqual([]);
    const listed = async (process: string) =>
      (await ask(`/v1/jobs?process=${process}`, { token: worker })).body.items.length;
    expect([await listed("printing"), await listed("reprinting")]).toEqual([1, 0]);
    const waits = claim({ process: "reprinting", waitSeconds: 1 });
    expect((await claim({ process: "printing" })).body.items[0].order.id).toBe(id);
    expect((await waits).body.items).toEqual([]);
  });

  test("under a key gives the same jobs with the same leases again, and nothing is kept of an empty one", async () => {
    const { order, claim } = await inCentre();
    const key = { "idempotency-key": "claim-1" };
    const none = await claim({}, undefined, key);
    expect([none.body, none.headers.get("idempotency-replayed")]).toEqual([{ items: [] }, null]);
    await order();
    const first = await claim({}, undefined, key);
    expect(first.body.items).toHaveLength(1);
    const again = await claim({}, undefined, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    problem(await claim({ max: 2 }, undefined, key), 422, "idempotency-key-reused");
  });

  test.each([
    [{ types: [] }, "/types"],
    [{ types: ["builtin:slot.reserve"] }, "/types/0"],
    [{ types: ["print"], max: 101 }, "/max"],
    [{ types: ["print"], waitSeconds: 61 }, "/waitSeconds"],
    [{ types: ["print"], leaseSeconds: 0 }, "/leaseSeconds"],
    [{ types: ["print"], colour: "red" }, "/colour"],
  ])("refuses %j", async (body, pointer) => {
    const { post } = await inCentre();
    const answer = await post("/v1/jobs/claim", body);
    problem(answer, 422, "request-invalid");
    expect(answer.body.errors.map((each: { pointer: string }) => each.pointer)).toEqual([pointer]);
  });
});

describe("waiting for jobs", () => {
  test("ends as soon as there is one, and without one when the time is over", async () => {
    const { order, claim } = await inCentre();
    const startedAt = performance.now();
    expect((await claim({ waitSeconds: 1 })).body.items).toEqual([]);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    const waits = [1, 2, 3].map(() => claim({ waitSeconds: 30 }));
    const made = [await order(), await order(), await order()];
    const answers = await Promise.all(waits);
    const claimed = answers.map(({ body }) => body.items[0].order.id);
    expect(new Set(claimed)).toEqual(new Set(made.map(({ id }) => id)));
  });

  test("serves whoever came first", async () => {
    const { order, claim, post } = await inCentre();
    const served: number[] = [];
    const waits: Promise<unknown>[] = [];
    for (const number of [1, 2, 3]) {
      waits.push(claim({ waitSeconds: 30 }).then(() => served.push(number)));
      await post("/v1/jobs/claim", { types: ["bind"] });
    }
    await order();
    await Promise.race(waits);
    const late = claim({ waitSeconds: 20 }).then(() => served.push(4));
    await order();
    await order();
    await order();
    await Promise.all([...waits, late]);
    expect(served).toEqual([1, 2, 3, 4]);
  });

  test("is bounded: who comes after many others is sent away, and other requests are answered", async () => {
    const stopping = new AbortController();
    const crowded = await embeddedServer({
      places: createPlaces({ max: 2_000 }),
      stopping: stopping.signal,
    });
    const asks = asking(crowded);
    const token = await tokenFor("worker");
    const body = { types: ["nothing"], waitSeconds: 60 };
    const full: Answer[] = [];
    const waits = Array.from({ length: 1_000 }, async () => {
      const answer = await asks("/v1/jobs/claim", { token, body });
      if (answer.status === 503) full.push(answer);
      return answer;
    });
    await until(() => Promise.resolve(full.length === 500));
    const listed = asks("/v1/jobs", { token });
    expect(await endsWithin(1_000, () => listed)).toBe(true);
    expect((await listed).status).toBe(200);
    expect(full[0]?.body).toMatchObject({ code: "overloaded", retryable: true });
    expect(full[0]?.headers.get("retry-after")).toBe("1");
    stopping.abort();
    const served = (await Promise.all(waits)).filter(({ status }) => status === 200);
    expect(served).toHaveLength(500);
    await crowded.close();
  });

  test("takes no place from anybody while it waits", async () => {
    const stopping = new AbortController();
    const small = await embeddedServer({
      places: createPlaces({ max: 2 }),
      stopping: stopping.signal,
    });
    const asks = asking(small);
    const token = await tokenFor("worker");
    const body = { types: ["nothing"], waitSeconds: 60 };
    const waits: Promise<Answer>[] = [];
    for (let n = 0; n < 4; n += 1) {
      waits.push(asks("/v1/jobs/claim", { token, body }));
      await until(async () => (await asks("/v1/jobs", { token })).status === 200);
    }
    stopping.abort();
    expect((await Promise.all(waits)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await small.close();
  });

  test("ends with nothing when the server stops", async () => {
    const stopping = new AbortController();
    const ends = await embeddedServer({ stopping: stopping.signal });
    const token = await tokenFor("worker");
    const body = { types: ["print"], waitSeconds: 60 };
    const waiting = asking(ends)("/v1/jobs/claim", { token, body });
    setTimeout(() => stopping.abort(), 100);
    const { status, body: answer } = await waiting;
    expect([status, answer]).toEqual([200, { items: [] }]);
    await ends.close();
  });

  test("by a client that went away claims nothing for it", async () => {
    const { order, claim, worker } = await inCentre();
    const gone = new AbortController();
    const request = new Request("http://localhost/v1/jobs/claim", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${worker}` },
      body: JSON.stringify({ types: ["print"], waitSeconds: 30 }),
      signal: gone.signal,
    });
    const waiting = server.app.request(request);
    setTimeout(() => gone.abort(), 100);
    expect(await (await waiting).json()).toEqual({ items: [] });
    await order();
    expect((await claim()).body.items[0]).toMatchObject({ attempt: 1 });
  });
});

describe("completing", () => {
  test("moves the order as the worker, and seals its persons' values", async () => {
    const { order, claim, post, clerk, token } = await inCentre();
    const { id } = await order();
    const printer = await token(["clerk", "printer"], "p-7");
    const [claimed] = (await claim({}, printer)).body.items;
    const output = { pages: 3, by: "Li Na" };
    const done = await post(`/v1/jobs/${claimed.id}/complete`, { output }, printer, {
      "if-match": '"1"',
    });
    expect(done.status, done.text).toBe(200);
    expect(done.headers.get("etag")).toBe('"2"');
    expect(done.body).toMatchObject({ state: "binding", data: { pages: 3 } });
    expect(done.body.jobs).toMatchObject([{ id: `${id}.2.2`, type: "bind", state: "open" }]);
    const history = await ask(`/v1/work-orders/${id}/history?after=1`, { token: clerk });
    expect(history.body.items[0]).toMatchObject({
      ...{ type: "job.completed", actor: { sub: "p-7", role: "printer" }, payload: { output } },
    });
    const lines = await ask(`/v1/work-orders/${id}/history`, {
      ...{ token: clerk, headers: { accept: "application/x-ndjson" } },
    });
    expect(lines.text).not.toContain("Li Na");
    expect(lines.text).not.toContain(claimed.leaseToken);
    const proof = await ask(`/v1/work-orders/${id}/verify`, { token: clerk, method: "POST" });
    expect(proof.body).toMatchObject({ verified: true });
  });

  test("with another output than declared is refused with its places, and the worker corrects itself", async () => {
    const { order, claim, post } = await inCentre();
    await order();
    const [claimed] = (await claim()).body.items;
    const path = `/v1/jobs/${claimed.id}/complete`;
    for (const [output, pointers] of [
      [{ pages: 0, colour: "red" }, ["/output/colour", "/output/pages"]],
      [{ pages: 2, by: 7 }, ["/output/by"]],
    ] as const) {
      const wrong = await post(path, { output });
      problem(wrong, 422, "payload-invalid");
      const found = wrong.body.errors.map((each: { pointer: string }) => each.pointer);
      expect(found.toSorted()).toEqual(pointers);
    }
    problem(await post(path), 422, "payload-invalid");
    problem(await post(path, { output: { pages: 1_000 } }), 409, "invariant-violated");
    expect((await post(path, { output: { pages: 999 } })).status).toBe(200);
  });

  test("again by the same claim with the same output answers the order; anything else is told what happened", async () => {
    const { order, claim, post, token } = await inCentre();
    await order();
    const [claimed] = (await claim()).body.items;
    const path = `/v1/jobs/${claimed.id}/complete`;
    const { leaseToken } = claimed;
    const body = { output: { pages: 2, by: "Li Na" }, leaseToken };
    expect((await post(path, body)).status).toBe(200);
    const again = await post(path, body);
    expect([again.status, again.body.revision]).toEqual([200, 2]);
    expect((await post(path, { output: body.output })).status).toBe(200);
    const others: readonly (readonly [object, string?])[] = [
      [{ output: { pages: 3, by: "Li Na" }, leaseToken }],
      [{ output: body.output, leaseToken: "another" }],
      [{ output: body.output }, await token("worker", "somebody")],
    ];
    for (const [other, as] of others) {
      const detail = problem(
        await ask(path, { token: as ?? (await token("worker")), body: { ...other } }),
        409,
        "job-unknown",
      );
      expect(detail).toContain("it was completed at revision 2");
    }
    const failed = await post(`/v1/jobs/${claimed.id}/fail`, { error: { code: "x", message: "" } });
    expect(problem(failed, 409, "job-unknown")).toContain("completed");
    problem(await post(`/v1/jobs/${claimed.id}/extend`, { leaseSeconds: 5 }), 409, "job-unknown");
  });

  test("under a key answers the same again, byte for byte, also after the order went on", async () => {
    const { order, claim, post } = await inCentre();
    await order();
    const [claimed] = (await claim()).body.items;
    const path = `/v1/jobs/${claimed.id}/complete`;
    const key = { "idempotency-key": `complete-${claimed.id}` };
    const first = await post(path, { output: { pages: 2 } }, undefined, key);
    const [bind] = (await claim({ types: ["bind"] })).body.items;
    expect((await post(`/v1/jobs/${bind.id}/complete`)).body.status).toBe("done");
    const again = await post(path, { output: { pages: 2 } }, undefined, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const ended = await post(`/v1/jobs/${claimed.id}/complete`, { output: { pages: 9 } });
    expect(problem(ended, 409, "job-unknown")).toContain("it was completed at revision 2");
  });

  test("a job that was withdrawn while it was leased is refused, and says how it went", async () => {
    const { order, claim, post, clerk } = await inCentre();
    const { id } = await order();
    const [claimed] = (await claim()).body.items;
    await ask(`/v1/work-orders/${id}/events`, { token: clerk, body: { type: "CANCEL" } });
    const late = await post(`/v1/jobs/${claimed.id}/complete`, { output: { pages: 2 } });
    expect(problem(late, 409, "job-unknown")).toContain("withdrawn at revision 2, when CANCEL");
    problem(await ask(`/v1/jobs/${claimed.id}`, { token: clerk }), 404, "not-found");
  });

  test.each([
    ["an id that can't be one", "nonsense"],
    ["an order that is not there", "01980c3e-6c1a-7000-8000-0123456789ab.1.1"],
    ["a job that the order never had", null],
  ])("%s is not found", async (_what, given) => {
    const { order, post, worker } = await inCentre();
    const id = given ?? `${(await order()).id}.1.9`;
    const body = { output: { pages: 1 } };
    problem(await post(`/v1/jobs/${id}/complete`, body), 404, "not-found");
    problem(await post(`/v1/jobs/${id}/extend`, { leaseSeconds: 5 }), 404, "not-found");
    problem(await ask(`/v1/jobs/${id}`, { token: worker }), 404, "not-found");
  });

  test("on another view of the order is refused", async () => {
    const { order, claim, post } = await inCentre();
    await order();
    const [claimed] = (await claim()).body.items;
    const body = { output: { pages: 1 } };
    const stale = await post(`/v1/jobs/${claimed.id}/complete`, body, undefined, {
      "if-match": '"9"',
    });
    problem(stale, 412, "revision-mismatch");
    expect(stale.body.currentRevision).toBe(1);
  });
});

describe("a lease", () => {
  test("is extended by its claim; a worker of another sub, or none that claimed, has none", async () => {
    const { order, claim, post, token } = await inCentre();
    const { jobs } = await order();
    const path = `/v1/jobs/${jobs[0].id}`;
    problem(await post(`${path}/complete`, { output: { pages: 1 } }), 409, "lease-lost");
    problem(await post(`${path}/extend`, { leaseSeconds: 5 }), 409, "lease-lost");
    const [claimed] = (await claim({ leaseSeconds: 5 })).body.items;
    const other = await token("worker", "other");
    problem(await post(`${path}/extend`, { leaseSeconds: 99 }, other), 409, "lease-lost");
    problem(await post(`${path}/complete`, { output: { pages: 1 } }, other), 409, "lease-lost");
    const extended = await post(`${path}/extend`, { leaseSeconds: 600 });
    const gainedMs = Date.parse(extended.body.leaseUntil) - Date.parse(claimed.leaseUntil);
    expect([extended.status, gainedMs > 500_000]).toEqual([200, true]);
    // Whoever holds the token is the claim, whatever its sub.
    const body = { output: { pages: 1 }, leaseToken: claimed.leaseToken };
    expect((await post(`${path}/complete`, body, other)).status).toBe(200);
  });

  test("that ended is lost to the next claim, and until then still good for completing", async () => {
    const { order, claim, post } = await inCentre();
    await order();
    await order();
    const both = (await claim({ leaseSeconds: 1, max: 2 })).body.items;
    const [first, second] = both;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    problem(await post(`/v1/jobs/${first.id}/extend`, { leaseSeconds: 5 }), 409, "lease-lost");
    const body = { output: { pages: 1 }, leaseToken: first.leaseToken };
    expect((await post(`/v1/jobs/${first.id}/complete`, body)).status).toBe(200);
    const [again] = (await claim()).body.items;
    expect([again.id, again.attempt, again.retriesLeft]).toEqual([second.id, 2, 1]);
    const late = { output: { pages: 1 }, leaseToken: second.leaseToken };
    problem(await post(`/v1/jobs/${second.id}/complete`, late), 409, "lease-lost");
    problem(
      await post(`/v1/jobs/${second.id}/fail`, {
        error: { code: "x", message: "" },
        leaseToken: second.leaseToken,
      }),
      ...([409, "lease-lost"] as const),
    );
    // Without a token any claim of the same sub will do.
    expect((await post(`/v1/jobs/${second.id}/complete`, { output: { pages: 1 } })).status).toBe(
      200,
    );
  });
});

describe("failing", () => {
  const error = { code: "paper-jam", message: "Tray 2" };

  test("takes a message alone, under the code `failed`", async () => {
    const { order, claim, post, clerk } = await inCentre();
    const { id } = await order();
    const [claimed] = (await claim()).body.items;
    const body = { error: "Tray 2", retryable: false };
    const failed = await post(`/v1/jobs/${claimed.id}/fail`, body);
    expect([failed.status, failed.body.status]).toEqual([200, "incident"]);
    const { items } = (await ask(`/v1/incidents?order=${id}`, { token: clerk })).body;
    expect(items).toMatchObject([{ code: "failed", detail: "Tray 2" }]);
  });

  test("offers the job again after the worker's pause, or the document's back-off", async () => {
    const { order, claim, post, worker } = await inCentre();
    await order();
    const [claimed] = (await claim()).body.items;
    const path = `/v1/jobs/${claimed.id}`;
    const failed = await post(`${path}/fail`, { error, retryAfterSeconds: 0 });
    expect([failed.status, failed.body.revision, failed.body.status]).toEqual([200, 1, "active"]);
    problem(await post(`${path}/fail`, { error }), 409, "lease-lost");
    expect((await claim()).body.items).toMatchObject([{ id: claimed.id, attempt: 2 }]);
    await post(`${path}/fail`, { error });
    expect((await claim()).body.items).toEqual([]);
    const { body } = await ask(path, { token: worker });
    expect(body).toMatchObject({ state: "open", attempts: 2, worker: null });
    const pauseMs = Date.parse(body.availableAt) - Date.now();
    expect(pauseMs).toBeGreaterThan(9 * 60_000);
    expect(pauseMs).toBeLessThanOrEqual(10 * 60_000);
  });

  test("for good goes by the document's onError", async () => {
    const { order, claim, post, token } = await inCentre();
    const { id } = await order();
    const [claimed] = (await claim()).body.items;
    const failed = await post(`/v1/jobs/${claimed.id}/fail`, {
      ...{ error: { code: "out-of-paper", message: "no more" }, retryable: false },
    });
    expect(failed.body).toMatchObject({ state: "stopped", revision: 2 });
    // What a worker writes may name a person: those read it who take part in the process.
    expect(failed.body.data.why).toMatch(/^sealed:/);
    const { body } = await ask(`/v1/work-orders/${id}`, { token: await token("clerk") });
    expect(body.data.why).toBe("no more");
  });

  test("with no retries left and no onError that applies opens an incident, which a manager retries", async () => {
    const { order, claim, post, token, worker } = await inCentre();
    const { id } = await order();
    for (const attempt of [1, 2, 3]) {
      const [claimed] = (await claim()).body.items;
      expect(claimed).toMatchObject({ attempt, retriesLeft: 3 - attempt });
      const failed = await post(`/v1/jobs/${claimed.id}/fail`, { error, retryAfterSeconds: 0 });
      expect(failed.body.status).toBe(attempt === 3 ? "incident" : "active");
      if (attempt === 3) expect(failed.body.jobs).toMatchObject([{ state: "failed" }]);
    }
    expect((await claim()).body.items).toEqual([]);
    expect((await ask("/v1/jobs?state=failed", { token: worker })).body.items).toHaveLength(1);
    const manager = await token("manager", "meng");
    const open = await ask(`/v1/incidents?order=${id}`, { token: manager });
    const [incident] = open.body.items;
    expect(incidentSchema.strict().parse(incident)).toMatchObject({
      ...{ order: id, code: "paper-jam", detail: "Tray 2", status: "open", closedBy: null },
      source: { kind: "job", id: `${id}.1.1` },
    });
    const path = `/v1/incidents/${incident.id}`;
    problem(
      await post(`${path}/retry`, { reason: "x" }, await token("clerk")),
      403,
      "role-not-allowed",
    );
    problem(
      await post(`${path}/retry`, { reason: "x" }, manager, { "if-match": '"7"' }),
      412,
      "revision-mismatch",
    );
    const key = { "idempotency-key": `retry-${incident.id}` };
    const reason = "paper is back";
    const waiting = claim({ waitSeconds: 20 });
    expect((await post(`${path}/retry`, { reason }, manager, key)).status).toBe(204);
    const again = await post(`${path}/retry`, { reason }, manager, key);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([204, "true"]);
    problem(await post(`${path}/retry`, { reason }, manager), 409, "incident-closed");
    expect((await waiting).body.items).toMatchObject([{ attempt: 1, retriesLeft: 2 }]);
    const closed = await ask(path, { token: manager });
    expect(closed.body).toMatchObject({ status: "closed", closedBy: "meng", reason });
    const all = await ask(`/v1/incidents?status=closed&order=${id}`, { token: manager });
    expect(all.body.items).toHaveLength(1);
    expect((await ask(`/v1/incidents?order=${id}`, { token: manager })).body.items).toEqual([]);
  });
});

describe("resolving an incident", () => {
  const error = { code: "broken", message: "no glue" };

  async function stuck() {
    const centre = await inCentre();
    const { id } = await centre.order();
    const [print] = (await centre.claim()).body.items;
    await centre.post(`/v1/jobs/${print.id}/fail`, { error, retryable: false });
    const manager = await centre.token(["clerk", "manager"], "meng");
    const { items } = (await ask(`/v1/incidents?order=${id}`, { token: manager })).body;
    return { ...centre, id, manager, print, path: `/v1/incidents/${items[0].id}` };
  }

  test("completes its job as the person, with the reason in the history", async () => {
    const { id, manager, path, post, clerk, print } = await stuck();
    const wrong = await post(
      `${path}/resolve`,
      { reason: "by hand", output: { pages: 0 } },
      manager,
    );
    problem(wrong, 422, "payload-invalid");
    expect(wrong.body.errors).toMatchObject([{ pointer: "/output/pages" }]);
    const key = { "idempotency-key": `resolve-${id}` };
    const body = { reason: "printed by hand", output: { pages: 2 } };
    const done = await post(`${path}/resolve`, body, manager, key);
    expect(done.status, done.text).toBe(200);
    expect(done.body).toMatchObject({ state: "binding", status: "active", data: { pages: 2 } });
    expect((await post(`${path}/resolve`, body, manager, key)).text).toBe(done.text);
    problem(await post(`${path}/resolve`, body, manager), 409, "incident-closed");
    const history = await ask(`/v1/work-orders/${id}/history?after=1`, { token: clerk });
    expect(history.body.items).toMatchObject([
      {
        ...{ type: "job.completed", actor: { sub: "meng", role: "manager" } },
        payload: { job: "1.1", output: { pages: 2 }, reason: "printed by hand" },
      },
    ]);
    expect((await ask(path, { token: manager })).body).toMatchObject({
      ...{ status: "closed", closedBy: "meng", reason: "printed by hand" },
    });
    const late = await post(`/v1/jobs/${print.id}/complete`, { output: { pages: 2 } });
    expect(problem(late, 409, "job-unknown")).toContain("completed at revision 2 by meng");
  });

  test("is for a manager or an admin who reaches it, on the view that was decided on", async () => {
    const { path, post, clerk, manager } = await stuck();
    const body = { reason: "x", output: { pages: 2 } };
    problem(await post(`${path}/resolve`, body, clerk), 403, "role-not-allowed");
    const elsewhere = await tokenFor("manager", { centres: ["elsewhere"] });
    problem(await post(`${path}/resolve`, body, elsewhere), 404, "not-found");
    problem(await ask(path, { token: elsewhere }), 404, "not-found");
    problem(
      await post(`${path}/resolve`, body, manager, { "if-match": '"5"' }),
      412,
      "revision-mismatch",
    );
    problem(await post("/v1/incidents/nonsense/resolve", body, manager), 404, "not-found");
    problem(await post(`${path}/resolve`, {}, manager), 422, "request-invalid");
  });

  test("gives its timer up, and changes nothing else", async () => {
    const { token, centre, clerk, post, claim } = await inCentre();
    const clock = (await ask("/v1/test-clocks", { body: { now: "2026-11-23T08:00:00.000Z" } }))
      .body;
    const data = { title: "Ulysses", reader: "Wang Fang" };
    const body = { process: "printing", centre, testClock: clock.id, data };
    const made = await ask("/v1/work-orders", { body });
    expect(made.status, made.text).toBe(201);
    const { id } = made.body;
    const [print] = (await claim()).body.items;
    await post(`/v1/jobs/${print.id}/complete`, { output: { pages: 7 } });
    const to = "2026-11-23T09:00:00.000Z";
    await ask(`/v1/test-clocks/${clock.id}/advance`, { body: { to } });
    const before = (await ask(`/v1/work-orders/${id}`, { token: clerk })).body;
    expect([before.status, before.timers.length]).toEqual(["incident", 1]);
    const manager = await token(["manager", "clerk"], "meng");
    const [incident] = (await ask(`/v1/incidents?centre=${centre}`, { token: manager })).body.items;
    expect(incident).toMatchObject({ code: "expression-failed", source: { kind: "timer" } });
    const path = `/v1/incidents/${incident.id}/resolve`;
    problem(await post(path, { reason: "x", output: {} }, manager), 422, "payload-invalid");
    const done = await post(path, { reason: "it may take longer" }, manager);
    expect(done.status, done.text).toBe(200);
    const { timers: _timers, revision, updatedAt: _at, status: _status, ...rest } = before;
    expect(done.body).toMatchObject({ status: "active", timers: [], revision: revision + 1 });
    expect({ ...done.body, enabled: [], blocked: [] }).toMatchObject({
      ...{ ...rest, enabled: [], blocked: [] },
    });
    const history = await ask(`/v1/work-orders/${id}/history?after=${revision}`, { token: clerk });
    expect(history.body.items).toMatchObject([
      {
        ...{ type: "timer.cancelled", actor: { sub: "meng", role: "manager" } },
        payload: { timer: before.timers[0].id, reason: "it may take longer" },
        timers: { set: [], cancelled: [before.timers[0].id] },
      },
    ]);
    const proof = await ask(`/v1/work-orders/${id}/verify`, { token: clerk, method: "POST" });
    expect(proof.body).toMatchObject({ verified: true });
  });
});
