/** Plays one step of a story in a sandbox, whatever the story expects of it. */

import { Temporal } from "temporal-polyfill";

import type { Actor } from "../../machines/order.ts";
import { merged, type Sandbox, type Turn } from "../../src/design/sandbox.ts";
import type { ScenarioStep } from "../../src/design/scenario-schema.ts";

export function playStep(
  sandbox: Sandbox,
  step: ScenarioStep,
  actorNamed: (name: string) => Actor,
): Turn {
  const instant = "until" in step ? step.until : "at" in step ? step.at : undefined;
  const wait = "wait" in step ? step.wait : "after" in step ? step.after : undefined;
  const waited = [
    ...(instant === undefined ? [] : [sandbox.moveTo(utc(instant))]),
    ...(wait === undefined ? [] : [sandbox.moveTo(later(sandbox, secondsOf(wait)))]),
  ];
  if ("event" in step) {
    const sent = sandbox.send(step.event, step.payload ?? {}, actorNamed(step.by));
    return merged([...waited, sent]);
  }
  if (!("job" in step)) return merged(waited);
  const end = step.error === undefined ? { output: step.output ?? {} } : { error: step.error };
  return merged([...waited, sandbox.endJob({ type: step.job, item: null, end })]);
}

export function utc(instant: string): string {
  return new Date(instant).toISOString();
}

export function later(sandbox: Sandbox, seconds: number): string {
  return new Date(Date.parse(sandbox.now()) + seconds * 1000).toISOString();
}

function secondsOf(duration: string): number {
  return Temporal.Duration.from(duration).total("seconds");
}
