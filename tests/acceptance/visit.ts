/** Brings orders to a place by telling them a scenario over HTTP, on a test clock of their own. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { storyOf, type Beat, type Story } from "../../src/cli/demo/story.ts";
import { readScenarios } from "../../src/design/scenario-file.ts";
import { isActive } from "../../src/design/state-paths.ts";
import { epochMs } from "../../machines/time/instant.ts";
import { create, granted, send, view, type Api, type WorkOrder } from "./api.ts";
import { DEFINITIONS } from "./server.ts";

/** The actors of a story, and the admin who moves its clock. */
export interface Cast {
  readonly admin: Api;
  readonly as: (name: string) => Api;
}

const JOB_POLL_MS = 20;

export async function storyFrom(process: string, version: string, id: string): Promise<Story> {
  const path = join(DEFINITIONS, process, `${version}.scenarios.yaml`);
  const { file, findings } = readScenarios(await readFile(path, "utf8"), null);
  const story = file === null ? null : storyOf(file, id);
  if (story === null) throw new Error(`expected the scenario ${id}: ${JSON.stringify(findings)}`);
  return story;
}

/**
 * Starts an order and plays the story until the place is active, a dotted path or a status. What the story expects to
 * be refused is left out: it would write nothing.
 */
export async function playTo(
  cast: Cast,
  story: Story,
  process: string,
  place: string,
): Promise<WorkOrder> {
  const { given, startsAt, id } = story;
  const clock = granted(
    testClock,
    await cast.admin("/v1/test-clocks", { body: { now: startsAt } }),
  );
  let order = await create(cast.as(given.by), {
    ...{ process, testClock: clock.id, businessKey: `${id}-${randomUUID()}` },
    ...{ centre: given.centre ?? undefined, data: given.data },
  });
  for (const beat of story.beats) {
    if (isAt(order, place)) return order;
    order = await told(cast, order, clock.id, beat);
  }
  if (isAt(order, place)) return order;
  throw new Error(`expected ${id} to come to ${place}, found ${JSON.stringify(order.state)}`);
}

async function told(cast: Cast, order: WorkOrder, clock: string, beat: Beat): Promise<WorkOrder> {
  const { at, step } = beat;
  const path = `/v1/test-clocks/${clock}`;
  const { now } = granted(testClock, await cast.admin(path));
  if (epochMs(at) > epochMs(now)) {
    granted(testClock, await cast.admin(`${path}/advance`, { body: { to: at } }));
  }
  if ("job" in step) return jobEnded(cast, order.id, step.job);
  if (!("event" in step) || step.then?.refused !== undefined) return view(cast.admin, order.id);
  return send(cast.as(step.by), order.id, step.event, step.payload);
}

/** The server does the story's jobs by itself. */
async function jobEnded({ admin }: Cast, id: string, type: string): Promise<WorkOrder> {
  for (;;) {
    const order = await view(admin, id);
    if (!order.jobs.some((job) => job.type === type)) return order;
    if (order.status === "incident") throw new Error(`expected ${type} to end, found an incident`);
    await sleep(JOB_POLL_MS);
  }
}

function isAt({ state, status }: WorkOrder, place: string): boolean {
  return status === place || isActive(state, place);
}

const testClock = z.object({ id: z.string(), now: z.string() });
