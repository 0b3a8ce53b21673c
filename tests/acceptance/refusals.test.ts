/** What the seven-step visit refuses, over HTTP and a real server: each with its own problem, and nothing is written. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Story } from "../../src/cli/demo/story.ts";
import { apiOf, history, send, verify, view, type Api, type WorkOrder } from "./api.ts";
import { messagesOf, outboxFlaws } from "./outbox.ts";
import { refusals, type Refusal } from "./refusals.ts";
import { ADMIN, createSite, DEFINITIONS, startServer, tokenFor } from "./server.ts";
import type { Person, ServerProcess, Site } from "./server.ts";
import { playTo, storyFrom, type Cast } from "./visit.ts";

/** People besides those of the story. */
const OTHERS: readonly Person[] = [
  { sub: "auditor", roles: ["auditor"], centres: "*" },
  { sub: "elsewhere", roles: ["advisor"], centres: ["bj-02"] },
];

describe.each(["pglite", "postgres"] as const)("the service visit (%s)", (kind) => {
  let site: Site;
  let server: ServerProcess;
  let story: Story;
  let cast: Cast;
  const tokens = new Map<string, string>();
  const orders = new Map<string, Promise<WorkOrder>>();

  /** A refusal leaves no trace, so one order serves all that is tried at its place. */
  const orderAt = async (place: string): Promise<string> => {
    const order = orders.get(place) ?? playTo(cast, story, "service-visit", place);
    orders.set(place, order);
    return (await order).id;
  };

  beforeAll(async () => {
    site = await createSite(kind);
    server = await startServer(site, { definitions: DEFINITIONS });
    story = await storyFrom("service-visit", "1.0.0", "walk-in-story");
    const actors = [...story.cast].map(([sub, roles]) => ({ sub, roles, centres: ["sh-01"] }));
    for (const person of [...actors, ...OTHERS, ADMIN]) {
      tokens.set(person.sub, await tokenFor(site, person));
    }
    const as = (name: string): Api => apiOf(() => server.url, tokens.get(name) ?? "");
    cast = { admin: as("admin"), as };
  }, 120_000);

  afterAll(async () => {
    await server.kill();
    await site.remove();
  });

  test.each(refusals)(
    "refuses $title",
    async (refusal: Refusal) => {
      const { at, by, event, problem } = refusal;
      const id = await orderAt(at);
      const before = { order: await view(cast.admin, id), history: await history(cast.admin, id) };

      const sent = typeof event === "function" ? event(before.order) : event;
      const answer = await cast.as(by)(`/v1/work-orders/${id}/events`, {
        body: sent,
        headers: refusal.ifMatch?.(before.order) ?? {},
      });

      expect(answer.body).toMatchObject(problem);
      expect(answer.status).toBe(problem.status);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(answer.headers.get("etag")).toBeNull();
      // An invariant judges what this payload would make of the order: another payload may pass.
      const mayPassOtherwise = problem.code === "invariant-violated";
      const { type } = eventName.parse(sent);
      expect(offeredIn(answer.body).includes(type)).toBe(mayPassOtherwise);
      expect(await view(cast.admin, id)).toEqual(before.order);
      expect(await history(cast.admin, id)).toEqual(before.history);
    },
    120_000,
  );

  test("shows no order to another centre", async () => {
    const id = await orderAt("quality.selfCheck");
    const elsewhere = cast.as("elsewhere");
    const paths = ["", "/history", "/at?revision=1"].map((path) => `/v1/work-orders/${id}${path}`);
    const answers = await Promise.all(paths.map((path) => elsewhere(path)));
    answers.push(await elsewhere(`/v1/work-orders/${id}/verify`, { body: "" }));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    const list = await elsewhere("/v1/work-orders");
    expect(list.body).toEqual({ items: [], nextCursor: null });
  });

  test("goes on afterwards as if nothing had been tried, and its history verifies", async () => {
    const id = await orderAt("quality.peerCheck");
    const { revision } = await view(cast.admin, id);
    const after = await send(cast.as("sun"), id, "PASS_CHECK");
    expect(after.revision).toBe(revision + 1);
    expect(await verify(cast.admin, id)).toMatchObject({ verified: true, entries: revision + 1 });
  });

  test("leaves no message in the outbox but those of its history", async () => {
    const places = [...new Set(refusals.map(({ at }) => at))];
    const ids = await Promise.all(places.map(orderAt));
    const histories = new Map<string, Awaited<ReturnType<typeof history>>>();
    for (const id of ids) histories.set(id, await history(cast.admin, id));
    expect([...histories.values()].flatMap(messagesOf).length).toBeGreaterThan(places.length);

    expect((await server.terminate()).code).toBe(0);
    expect(await outboxFlaws(site, histories)).toEqual([]);
  }, 120_000);
});

const eventName = z.object({ type: z.string() });
const offers = z.object({
  enabled: z.array(z.object({ event: z.string(), when: z.string().optional() })).default([]),
});

/** What a refusal says that the caller may send instead, whatever the payload. */
function offeredIn(problem: unknown): readonly string[] {
  const { enabled } = offers.parse(problem);
  return enabled.filter(({ when }) => when === undefined).map(({ event }) => event);
}
