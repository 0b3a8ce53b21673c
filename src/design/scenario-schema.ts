/** The shape of a scenario file: stories about one definition, told as given, steps and what must then hold. */

import { z } from "zod";

import type { Json } from "../../machines/json.ts";
import { parseDuration } from "../../machines/time/duration.ts";
import { parseInstant } from "../../machines/time/instant.ts";
import { isProblem } from "../../machines/time/problem.ts";

const json: z.ZodType<Json> = z.json().meta({ id: "ScenarioJson" });
const jsonObject = z.record(z.string(), json);

const instant = z
  .string()
  .refine((value) => parseInstant(value) !== null, {
    error: "expected an instant with its offset, such as 2026-11-23T08:00:00+08:00",
  })
  .meta({
    format: "date-time",
    description: "An instant (RFC 3339) with its offset: `2026-11-23T08:00:00+08:00`.",
  });
const duration = z
  .string()
  .refine((value) => !isProblem(parseDuration(value)), {
    error: "expected an ISO 8601 duration, such as PT15M or P3D",
  })
  .meta({
    format: "duration",
    description: "An ISO 8601 duration: `PT15M`, `P3D`. A day is 24 hours.",
  });
const text = z
  .union([z.string(), z.record(z.string(), z.string())])
  .meta({ description: "One text, or one per language: `{ en: ..., zh: ... }`." });
const oneOrMore = (item: z.ZodString) => z.union([item, z.array(item).min(1)]);

const paths = oneOrMore(z.string()).meta({
  description: "Paths of states that are active, dots between keys: `quality.peerCheck`.",
});

const refusal = z
  .union([
    z.string(),
    z.strictObject({
      code: z.string().meta({ description: "The rejection's code." }),
      because: z.string().optional().meta({
        description: "The guard, rule or invariant that refuses, as the document has it.",
      }),
      pointer: z
        .string()
        .optional()
        .meta({ description: "JSON Pointer into the definition, of what refuses." }),
    }),
  ])
  .meta({ description: "The step is refused with this code, and the order stays as it was." });

const effect = z.union([
  z.string(),
  z.strictObject({
    type: z.string().meta({ description: "The effect's name." }),
    item: z.string().optional().meta({ description: "The item that asks for it: `addOns/L1`." }),
    params: jsonObject.optional().meta({ description: "Members that its params must have." }),
  }),
]);

const itemState = z.union([
  paths,
  z.strictObject({
    state: paths.optional(),
    data: jsonObject.optional().meta({ description: "Members that the item's data must have." }),
  }),
]);

const timer = z.strictObject({
  state: z.string().meta({ description: "Path of the state that waits." }),
  after: z.string().meta({ description: "The key of `after`, as the definition has it." }),
  item: z.string().optional().meta({ description: "The item that waits: `addOns/L1`." }),
  dueAt: instant.optional(),
});

const choice = z.union([
  z.string(),
  z.strictObject({
    event: z.string().meta({ description: "An event of the definition." }),
    item: z
      .string()
      .optional()
      .meta({ description: "The item that it is for: `addOns/L1` or `L1`." }),
    because: z
      .string()
      .optional()
      .meta({ description: "For a blocked event: the guard or rule that blocks it." }),
  }),
]);

const expectation = z
  .strictObject({
    state: paths.optional(),
    status: z
      .enum(["active", "done", "incident"])
      .optional()
      .meta({ description: "`incident`: a timer or job event could not be applied." }),
    outcome: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "What the order came to; null while it is active." }),
    refused: refusal.optional(),
    effects: z.array(effect).optional().meta({
      description: "Exactly the effects of this step, timers it fired included, in order.",
    }),
    data: jsonObject.optional().meta({
      description: "Members that the order's data must have; lists are compared as a whole.",
    }),
    items: z
      .record(z.string(), z.record(z.string(), itemState))
      .optional()
      .meta({ description: "States of items: `{ addOns: { L1: approved } }`." }),
    timers: z
      .array(timer)
      .optional()
      .meta({ description: "Exactly the timers that are pending, in any order." }),
    jobs: z
      .array(z.string())
      .optional()
      .meta({ description: "Exactly the types of the jobs that are open, in any order." }),
    enabled: z
      .array(choice)
      .optional()
      .meta({ description: "Events that this step's actor may send now, among others." }),
    blocked: z
      .array(choice)
      .optional()
      .meta({ description: "Events that the state knows but refuses to this step's actor." }),
    message: z
      .record(z.string(), oneOrMore(z.string()))
      .optional()
      .meta({ description: "By language: text that a message of this step contains." }),
  })
  .meta({
    id: "ScenarioExpectation",
    description: "What must hold after the step. What is not named is not checked.",
  });

const by = z.string().meta({ description: "Who: a name from `actors`." });
const common = {
  by: by.optional(),
  then: expectation.optional(),
};
const moment = {
  after: duration.optional().meta({ description: "Move the clock on by this much first." }),
  at: instant.optional().meta({ description: "Move the clock to this instant first." }),
};

const eventStep = z
  .strictObject({
    event: z.string().meta({ description: "An event of the definition." }),
    ...common,
    by,
    payload: jsonObject
      .optional()
      .meta({ description: "Personal values stand here in clear; the run seals them." }),
    ...moment,
  })
  .meta({ description: "Someone sends an event." });
const waitStep = z
  .strictObject({
    wait: duration.meta({ description: "How long; due timers fire one by one at their instants." }),
    ...common,
  })
  .meta({ description: "Time passes." });
const untilStep = z
  .strictObject({
    until: instant.meta({
      description: "Until when; due timers fire one by one at their instants.",
    }),
    ...common,
  })
  .meta({ description: "Time passes until an instant." });
const jobStep = z
  .strictObject({
    job: z.string().meta({ description: "Type of the open job that ends; the oldest of several." }),
    item: z.string().optional().meta({ description: "The item whose job it is: `addOns/L1`." }),
    output: jsonObject.optional().meta({ description: "What the worker gives." }),
    error: z
      .strictObject({
        code: z.string().meta({ description: "`event.error.code` in `onError`." }),
        message: z.string().default("").meta({ description: "`event.error.message`." }),
      })
      .optional()
      .meta({ description: "The job fails for good, its retries used up." }),
    ...common,
    ...moment,
  })
  .meta({ description: "A worker completes a job, or fails it." });

const given = z
  .strictObject({
    at: instant,
    by,
    centre: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "The order's centre, whose calendar counts working time." }),
    businessKey: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "The order's number in the business." }),
    data: jsonObject.optional().meta({ description: "The order's first data." }),
    then: expectation.optional(),
  })
  .meta({ description: "How the order starts." });

const scenario = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "expected a kebab-case name")
    .meta({ description: "Kebab-case name, unique in the file." }),
  title: text.optional(),
  given,
  steps: z
    .array(z.union([eventStep, waitStep, untilStep, jobStep]))
    .meta({ description: "What happens, in order; the run ends at the first step that fails." }),
});

export const scenarioFileSchema = z
  .strictObject({
    actors: z.record(z.string(), oneOrMore(z.string())).meta({
      description:
        "Who takes part: name -> role. The name is the actor's `sub`. Of several roles, an event is sent in the first that may send it.",
    }),
    scenarios: z
      .array(scenario)
      .min(1)
      .meta({ description: "The stories, each from its own start." }),
  })
  .meta({
    title: "Sevenstep scenario file",
    description: "Stories that a definition must keep; run by `sevenstep test`.",
  });

export type ScenarioFile = z.infer<typeof scenarioFileSchema>;
export type Scenario = z.infer<typeof scenario>;
export type ScenarioStep = Scenario["steps"][number];
export type Expectation = z.infer<typeof expectation>;

/** The keys of which a step has exactly one: they say what kind of step it is. */
export const STEP_KINDS = ["event", "wait", "until", "job"] as const;

/** JSON Schema (draft 2020-12) for editors: completion and hover in YAML. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioFileSchema, { io: "input" });
}
