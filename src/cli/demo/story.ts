/** A scenario as a story to be played: every step with its instant, and where an interrupted story goes on. */

import { addDuration, parseDuration } from "../../../machines/time/duration.ts";
import { epochMs, formatInstant } from "../../../machines/time/instant.ts";
import { isProblem } from "../../../machines/time/problem.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Scenario, ScenarioFile, ScenarioStep } from "../../design/scenario-schema.ts";

export interface Story {
  readonly id: string;
  readonly title: Scenario["title"];
  readonly given: Scenario["given"];
  readonly startsAt: Instant;
  readonly beats: readonly Beat[];
  /** Name -> roles. */
  readonly cast: ReadonlyMap<string, readonly string[]>;
}

/** One step, at its instant on the story's clock. */
export interface Beat {
  readonly at: Instant;
  readonly step: ScenarioStep;
}

/** @returns null when the file tells no such story */
export function storyOf(file: ScenarioFile, id: string): Story | null {
  const scenario = file.scenarios.find((each) => each.id === id);
  if (scenario === undefined) return null;
  const { given, steps, title } = scenario;
  const startsAt = formatInstant(epochMs(given.at));
  let now = startsAt;
  const beats = steps.map((step) => {
    now = instantOf(step, now);
    return { at: now, step };
  });
  const cast = Object.entries(file.actors).map(([name, roles]) => [name, [roles].flat()] as const);
  return { id, title, given, startsAt, beats, cast: new Map(cast) };
}

/**
 * The history says how many of the story's events were accepted. Steps that only let time pass are done again: the
 * clock stands where it stands, and never goes back.
 *
 * @param accepted number of history entries that persons sent, the start left out
 */
export function beatAfter(story: Story, accepted: number): number {
  let left = accepted;
  for (const [index, { step }] of story.beats.entries()) {
    if (left === 0) return index;
    if (isAccepted(step)) left -= 1;
  }
  return story.beats.length;
}

/** An event that the story expects to be refused leaves no entry. */
function isAccepted(step: ScenarioStep): boolean {
  return "event" in step && step.then?.refused === undefined;
}

function instantOf(step: ScenarioStep, now: Instant): Instant {
  const instant = "until" in step ? step.until : "at" in step ? step.at : undefined;
  if (instant !== undefined) return formatInstant(epochMs(instant));
  const text = "wait" in step ? step.wait : "after" in step ? step.after : undefined;
  if (text === undefined) return now;
  const duration = parseDuration(text);
  const later = isProblem(duration) ? duration : addDuration(now, duration, "UTC");
  if (isProblem(later)) throw new RangeError(later.problem);
  return later;
}
