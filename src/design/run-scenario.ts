/** Runs one scenario of a definition on a virtual clock, and says where it does not hold. */

import type { Executable } from "../../machines/compile/executable.ts";
import { childOf } from "../../machines/document/pointer.ts";
import type { Actor, Choices, Instant } from "../../machines/order.ts";
import { choices } from "../../machines/step/choices.ts";
import { addDuration, parseDuration } from "../../machines/time/duration.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import { isProblem } from "../../machines/time/problem.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { choiceText } from "./expect-answer.ts";
import { mismatchesOf } from "./expectation.ts";
import type { Mismatch } from "./mismatch.ts";
import { createSandbox, merged, type Sandbox, type Turn, type Watch } from "./sandbox.ts";
import type { Expectation, Scenario, ScenarioFile, ScenarioStep } from "./scenario-schema.ts";
import { createVault, type Vault } from "./vault.ts";

export interface ScenarioRun {
  readonly id: string;
  readonly title: Scenario["title"];
  /** JSON Pointer into the scenario file. */
  readonly pointer: string;
  /** Steps that were run, the failed one included. */
  readonly stepsRun: number;
  /** How far the virtual clock went. */
  readonly virtualMs: number;
  /** Null: the scenario holds. The run ends at the first step that fails. */
  readonly failure: Failure | null;
}

export interface Failure {
  /** Counted from 1; 0 is `given`. */
  readonly step: number;
  /** JSON Pointer into the scenario file. */
  readonly pointer: string;
  /** What the step does: `PASS_CHECK by lee`, `wait PT2H`. */
  readonly doing: string;
  readonly mismatches: readonly Mismatch[];
  /** What the step's actor could send where the run ended. */
  readonly enabled: readonly string[];
}

interface Stage {
  readonly executable: Executable;
  readonly file: ScenarioFile;
  readonly scenario: Scenario;
  readonly sandbox: Sandbox;
  readonly vault: Vault;
}

/** Deterministic: the same definition and scenario give the same run, commitments and ids included. */
export function runScenario(
  executable: Executable,
  file: ScenarioFile,
  index: number,
  watch: Watch,
): ScenarioRun {
  const scenario = file.scenarios[index];
  if (scenario === undefined) throw new RangeError(`There is no scenario ${index}.`);
  const { given, steps } = scenario;
  const pointer = childOf("/scenarios", index);
  const startsAt = formatInstant(epochMs(given.at));
  const vault = createVault(scenario.id);
  const sandbox = createSandbox(executable, vault, startsAt, watch);
  const stage: Stage = { executable, file, scenario, sandbox, vault };
  const ended = (stepsRun: number, failure: Failure | null): ScenarioRun => ({
    id: scenario.id,
    title: scenario.title,
    pointer,
    stepsRun,
    virtualMs: epochMs(sandbox.now()) - epochMs(startsAt),
    failure,
  });

  const started = begin(stage);
  const mismatches = judged(stage, given.then ?? {}, started, given.by);
  if (mismatches.length > 0) {
    return ended(
      0,
      failed(stage, 0, childOf(pointer, "given"), `start by ${given.by}`, given.by, mismatches),
    );
  }
  for (const [at, step] of steps.entries()) {
    const by = step.by ?? given.by;
    const found = play(stage, step, by);
    if (found.length > 0) {
      return ended(
        at + 1,
        failed(stage, at + 1, childOf(pointer, "steps", at), doing(step), by, found),
      );
    }
  }
  return ended(steps.length, null);
}

function begin(stage: Stage): Turn {
  const { given, id } = stage.scenario;
  const identity = {
    id: orderId(id),
    businessKey: given.businessKey ?? null,
    centre: given.centre ?? null,
  };
  const actor = actorsOf(stage, given.by)[0] ?? { sub: given.by, role: "", centre: null };
  return stage.sandbox.start(identity, given.data ?? {}, actor);
}

/** Shaped like the server's own ids, and fixed by the scenario's name. */
function orderId(scenarioId: string): string {
  const hex = bytesToHex(sha256(utf8ToBytes(scenarioId)));
  return `00000000-0000-7000-8000-${hex.slice(0, 12)}`;
}

function play(stage: Stage, step: ScenarioStep, by: string): readonly Mismatch[] {
  const { sandbox } = stage;
  if (sandbox.order() === null) return [notStarted()];
  const target = targetOf(step, sandbox.now());
  if (target < sandbox.now()) {
    return [{ aspect: "clock", at: "", expected: `>= ${sandbox.now()}`, found: target }];
  }
  const waited = sandbox.moveTo(target);
  return judged(stage, step.then ?? {}, merged([waited, act(stage, step, by)]), by);
}

function targetOf(step: ScenarioStep, now: Instant): Instant {
  const instant = "until" in step ? step.until : "at" in step ? step.at : undefined;
  if (instant !== undefined) return formatInstant(epochMs(instant));
  const text = "wait" in step ? step.wait : "after" in step ? step.after : undefined;
  if (text === undefined) return now;
  const duration = parseDuration(text);
  const target = isProblem(duration) ? duration : addDuration(now, duration, "UTC");
  if (isProblem(target)) throw new RangeError(target.problem);
  return target;
}

function act(stage: Stage, step: ScenarioStep, by: string): Turn {
  if ("event" in step) {
    return stage.sandbox.send(step.event, step.payload ?? {}, actorFor(stage, step.event, by));
  }
  if ("job" in step) {
    const end = step.error === undefined ? { output: step.output ?? {} } : { error: step.error };
    return stage.sandbox.endJob({ type: step.job, item: step.item ?? null, end });
  }
  return merged([]);
}

/** Who acts, once for each role that `actors` gives them. */
function actorsOf({ file, scenario }: Stage, name: string): readonly Actor[] {
  const roles = Object.hasOwn(file.actors, name) ? file.actors[name] : undefined;
  return [roles ?? []].flat().map((role) => ({
    sub: name,
    role,
    centre: scenario.given.centre ?? null,
  }));
}

/** As the server does it: of several roles, the first that may send the event. */
function actorFor(stage: Stage, event: string, by: string): Actor {
  const actors = actorsOf(stage, by);
  const allowed = stage.executable.events.get(event)?.by ?? null;
  return (
    actors.find(({ role }) => allowed === null || allowed.includes(role)) ??
    actors[0] ?? { sub: by, role: "", centre: null }
  );
}

function judged(stage: Stage, then: Expectation, turn: Turn, by: string): readonly Mismatch[] {
  const { executable, sandbox, vault } = stage;
  const order = sandbox.order();
  const status = sandbox.stuck() ? "incident" : (order?.snapshot.status ?? "active");
  const breaches = turn.breaches.map(({ kind, pointer }): Mismatch => ({
    aspect: "engine",
    at: pointer,
    expected: kind === "lossy" ? "an order that JSON keeps" : "an order left as it was",
    found: kind,
  }));
  return [
    ...breaches,
    ...mismatchesOf(then, {
      executable,
      order,
      status,
      effects: turn.stepped.flatMap(({ effects }) => effects),
      rejected: turn.rejected,
      choices: () => choicesOf(stage, by),
      open: vault.open,
    }),
  ];
}

/** What the person may send in any of their roles; blocked is what none of them may. */
function choicesOf(stage: Stage, by: string): Choices {
  const order = stage.sandbox.order();
  if (order === null) return { enabled: [], blocked: [] };
  const perRole = actorsOf(stage, by).map((actor) =>
    choices(stage.executable, order, actor, stage.sandbox.now()),
  );
  const enabled = perRole.flatMap((each) => each.enabled);
  const open = new Set(enabled.map(choiceText));
  return {
    enabled,
    blocked: perRole.flatMap((each) => each.blocked).filter((each) => !open.has(choiceText(each))),
  };
}

function failed(
  stage: Stage,
  step: number,
  pointer: string,
  what: string,
  by: string,
  mismatches: readonly Mismatch[],
): Failure {
  const enabled = [...new Set(choicesOf(stage, by).enabled.map(choiceText))];
  return { step, pointer, doing: what, mismatches, enabled };
}

function notStarted(): Mismatch {
  return { aspect: "accepted", at: "", expected: "a started order", found: "none" };
}

function doing(step: ScenarioStep): string {
  if ("event" in step) return `${step.event} by ${step.by}`;
  if ("job" in step) return `job ${step.job}${step.error === undefined ? "" : " fails"}`;
  return "wait" in step ? `wait ${step.wait}` : `until ${step.until}`;
}
