/** Plays a story against a server, and goes on where it was when the server goes away and comes back. */

import { setTimeout as sleep } from "node:timers/promises";
import { epochMs, formatInstant } from "../../../machines/time/instant.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Api } from "../../client/client.ts";
import type { WorkOrder } from "../../client/generated/schemas/shared.ts";
import { granted } from "../../client/granted.ts";
import { historyEntry } from "../../http/schemas/history.ts";
import { isAway, isRefusal, type Callers } from "./callers.ts";
import type { Narrator } from "./narrator.ts";
import { beatAfter } from "./story.ts";
import type { Beat, Story } from "./story.ts";
import type { DemoWords } from "./words.ts";

export interface Stage {
  readonly callers: Callers;
  readonly story: Story;
  readonly orderId: string;
  readonly definition: { readonly process: string; readonly version: string };
  readonly businessKey: string;
  readonly centre: string;
  /** By name of the cast. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly adminToken: string;
  /** Virtual milliseconds per real one; Infinity: no pauses. */
  readonly speed: number;
  readonly maxPauseMs: number;
  readonly narrator: Narrator;
  readonly words: DemoWords;
  readonly url: string;
}

/** The story can't go on: the server answers something else than the story tells. */
export class StoryStuck extends Error {
  override readonly name = "StoryStuck";
}

export interface Ending {
  readonly outcome: string;
  readonly entries: number;
  readonly firstDivergence: number | null;
}

/** What has been seen of the order; all of it can be read again from the server. */
interface Seen {
  shown: number;
  accepted: number;
}

const TICK_MS = 1_000;
const RETURN_POLL_MS = 500;
const JOB_POLL_MS = 100;
const JOB_PATIENCE_MS = 60_000;

/** Every event carries the revision that was seen last, so that a lost answer never makes an event happen twice. */
export async function play(stage: Stage): Promise<Ending> {
  const seen: Seen = { shown: 0, accepted: 0 };
  for (;;) {
    try {
      const order = await playOn(stage, seen);
      return await proven(stage, order);
    } catch (error) {
      if (isMoved(error)) continue;
      if (!isAway(error)) throw error;
      stage.narrator.note(stage.words.away(stage.url));
      while (!(await stage.callers.isReady())) await sleep(RETURN_POLL_MS);
      stage.narrator.note(stage.words.back);
    }
  }
}

async function playOn(stage: Stage, seen: Seen): Promise<WorkOrder> {
  let order = await startedOrder(stage);
  await catchUp(stage, seen);
  for (const beat of stage.story.beats.slice(beatAfter(stage.story, seen.accepted))) {
    await passTime(stage, seen, order, beat.at);
    order = await viewed(stage);
    order = await act(stage, order, beat);
    await catchUp(stage, seen);
  }
  return order;
}

async function startedOrder(stage: Stage): Promise<WorkOrder> {
  try {
    return await viewed(stage);
  } catch (error) {
    if (!isRefusal(error, "not-found")) throw error;
  }
  const { given, startsAt } = stage.story;
  const clock = granted(await admin(stage).POST("/v1/test-clocks", { body: { now: startsAt } }));
  const body = {
    ...stage.definition,
    id: stage.orderId,
    businessKey: stage.businessKey,
    centre: stage.centre,
    testClock: clock.id,
    data: given.data ?? {},
  };
  return granted(await by(stage, given.by).POST("/v1/work-orders", { body }));
}

async function act(stage: Stage, order: WorkOrder, { step }: Beat): Promise<WorkOrder> {
  if ("job" in step) return jobDone(stage, order, step.job);
  if (!("event" in step)) return order;
  const refusal = step.then?.refused;
  try {
    const after = granted(
      await by(stage, step.by).POST("/v1/work-orders/{id}/events", {
        params: { path: { id: order.id } },
        headers: { "If-Match": `"${order.revision}"` },
        body: { type: step.event, payload: step.payload ?? {} },
      }),
    );
    if (refusal !== undefined) throw new StoryStuck(`${step.event} should have been refused`);
    return after;
  } catch (error) {
    if (!isRefusal(error) || isMoved(error)) throw error;
    const { code, detail } = error.problem;
    const expected = typeof refusal === "string" ? refusal : refusal?.code;
    if (code !== expected) throw new StoryStuck(`${step.event} by ${step.by}: ${code}: ${detail}`);
    stage.narrator.note(stage.words.refused(step.event, code));
    return order;
  }
}

/** Moves the order's clock in ticks, so that what falls due is read when it happens. */
async function passTime(stage: Stage, seen: Seen, order: WorkOrder, to: Instant): Promise<void> {
  const clockId = order.testClock;
  if (clockId === undefined) throw new StoryStuck("the order does not live by a test clock");
  const clock = { params: { path: { id: clockId } } };
  const { now } = granted(await admin(stage).GET("/v1/test-clocks/{id}", clock));
  const gapMs = epochMs(to) - epochMs(now);
  if (gapMs <= 0) return;
  const pauseMs = Math.min(gapMs / stage.speed, stage.maxPauseMs);
  const ticks = Math.max(1, Math.ceil(pauseMs / TICK_MS));
  for (let tick = 1; tick <= ticks; tick += 1) {
    if (pauseMs > 0) await sleep(pauseMs / ticks);
    const at = formatInstant(Math.round(epochMs(now) + (gapMs * tick) / ticks));
    const advance = { ...clock, body: { to: at } };
    granted(await admin(stage).POST("/v1/test-clocks/{id}/advance", advance));
    await catchUp(stage, seen);
  }
}

/** The server does these jobs by itself; the story only waits for the result. */
async function jobDone(stage: Stage, order: WorkOrder, type: string): Promise<WorkOrder> {
  const giveUpAt = performance.now() + JOB_PATIENCE_MS;
  let current = order;
  while (current.jobs.some((job) => job.type === type)) {
    if (current.status === "incident") throw new StoryStuck(`the job ${type} ended in an incident`);
    if (performance.now() > giveUpAt) throw new StoryStuck(`the job ${type} does not end`);
    await sleep(JOB_POLL_MS);
    current = await viewed(stage);
  }
  return current;
}

/** Shows the entries that are new, and counts those that persons sent. */
async function catchUp(stage: Stage, seen: Seen): Promise<void> {
  for (;;) {
    const page = { path: { id: stage.orderId }, query: { after: seen.shown, limit: 100 } };
    const { items } = granted(
      await admin(stage).GET("/v1/work-orders/{id}/history", { params: page }),
    );
    for (const entry of items) {
      stage.narrator.entry(historyEntry.parse(entry));
      seen.shown = entry.revision;
      // Types with a dot are the engine's own: the start, timers and jobs.
      if (!entry.type.includes(".")) seen.accepted += 1;
    }
    if (items.length === 0) return;
  }
}

async function proven(stage: Stage, order: WorkOrder): Promise<Ending> {
  const params = { path: { id: order.id } };
  const verification = granted(await admin(stage).POST("/v1/work-orders/{id}/verify", { params }));
  const { verified, entries, firstDivergence } = verification;
  return {
    outcome: order.outcome ?? order.status,
    entries,
    firstDivergence: verified ? null : (firstDivergence?.revision ?? 0),
  };
}

async function viewed(stage: Stage): Promise<WorkOrder> {
  const params = { path: { id: stage.orderId } };
  return granted(await admin(stage).GET("/v1/work-orders/{id}", { params }));
}

/** The order moved on meanwhile, by a job or by an event whose answer was lost: look again, then decide. */
function isMoved(error: unknown): boolean {
  return isRefusal(error, "revision-mismatch");
}

function admin({ callers, adminToken }: Stage): Api {
  return callers.as(adminToken);
}

function by({ callers, tokens }: Stage, name: string): Api {
  const token = tokens.get(name);
  if (token === undefined) throw new StoryStuck(`the story's actors do not name ${name}`);
  return callers.as(token);
}
