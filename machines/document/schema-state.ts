/** The zod schema of a statechart: XState v5's machine configuration as data, closed. */

import { z } from "zod";
import type { StateConfig } from "./document.ts";
import {
  DELAY_PATTERN,
  EVENT_NAME_PATTERN,
  STATE_KEY_PATTERN,
  delayFault,
  eventFault,
  say,
  stateFault,
} from "./names.ts";
import { anyJson, expression, jsonObject, name, names, text, word } from "./schema-parts.ts";

const eventName = z.string().superRefine((value, context) => {
  const fault = eventFault(value);
  if (fault === null) return;
  const message = say(fault.message, fault.help);
  context.addIssue({ code: "custom", message, params: { rule: fault.rule } });
});

/** The name of an event, where it is a value. */
export const eventReference = eventName.meta({ pattern: EVENT_NAME_PATTERN });

const actionType = word(
  /^(?!xstate)\S+$/u,
  "an action of the document",
  "Use assign, raise, open, send, or an effect declared under `effects`.",
);

const action = z
  .strictObject({
    type: actionType.describe(
      "`assign`, `raise`, `open`, `send`, or an effect that the document declares.",
    ),
    params: jsonObject
      .describe("Literals, or `= CEL` texts that are evaluated at the transition, at any depth.")
      .exactOptional(),
  })
  .meta({ id: "Action" });

const actions = z
  .union([actionType, action, z.array(z.union([actionType, action]))])
  .meta({ id: "Actions" });

const stateTarget = word(
  /^\S+$/u,
  "a state's key, a path, or `#id`",
  "Name a sibling (peerCheck), an inner state of one (quality.peerCheck), or an id (#done).",
);

const transitionMeta = z
  .looseObject({
    because: text
      .describe("Why the guard refuses, in words; shown where the event is blocked.")
      .exactOptional(),
  })
  .catchall(anyJson);

const transition = z
  .strictObject({
    target: z
      .union([stateTarget, z.array(stateTarget)])
      .describe("A sibling's key, `#id`, or a list of them; absent: the state is not left.")
      .exactOptional(),
    guard: expression
      .describe("A CEL expression, `= ` first; the transition is taken only when it is true.")
      .exactOptional(),
    actions: actions.describe("What the transition does, in order.").exactOptional(),
    reenter: z
      .boolean()
      .describe("Whether a transition to the state itself, or into it, leaves and enters it.")
      .exactOptional(),
    description: z.string().describe("For the reader of the definition.").exactOptional(),
    meta: transitionMeta.describe("Words and marks of your own.").exactOptional(),
  })
  .meta({ id: "Transition" });

const transitions = z
  .union([stateTarget, transition, z.array(z.union([stateTarget, transition]))], {
    error: ({ input }) =>
      input === null
        ? say(
            "expected a target or a transition, found nothing",
            "Write the target after the colon. XState's null, which forbids an event, isn't known here: leave the event out.",
          )
        : undefined,
  })
  .meta({ id: "Transitions" });

const invoke = z
  .strictObject({
    id: name.describe("Name of the invocation; absent: the state's id.").exactOptional(),
    src: name.describe("Type of the job, declared under `jobs`."),
    input: jsonObject.describe("The job's input: literals or `= CEL` texts.").exactOptional(),
    onDone: transitions
      .describe("Taken when the job completes; `event.output` is its output.")
      .exactOptional(),
    onError: transitions
      .describe("Taken when the job fails for good; `event.error.code` and `event.error.message`.")
      .exactOptional(),
  })
  .meta({ id: "Invoke" });

const stateMeta = z
  .looseObject({
    step: name
      .describe("Step of the process while this state is active; inherited by inner states.")
      .exactOptional(),
    title: text.describe("The state's name for people.").exactOptional(),
    element: z
      .enum([
        "userTask",
        "serviceTask",
        "receiveTask",
        "timerCatch",
        "exclusiveGateway",
        "parallelGateway",
        "subProcess",
        "callActivity",
        "startEvent",
        "endEvent",
      ])
      .describe("The BPMN 2.0 element that this state stands for.")
      .exactOptional(),
    role: name.describe("Who does the user task.").exactOptional(),
    value: z
      .enum(["customer", "business", "waste"])
      .describe("Who would pay for time spent here: value-stream class.")
      .exactOptional(),
    outcome: name
      .describe("What an order that ends in this final state came to; absent: the state's key.")
      .exactOptional(),
  })
  .catchall(anyJson);

export const state = z
  .strictObject({
    id: word(/^[^\s#]+$/u, "an id without blanks and `#`", "Write an id such as done.")
      .describe("Name by which `#id` targets find this state from anywhere.")
      .exactOptional(),
    type: z
      .enum(["atomic", "compound", "parallel", "final", "history"])
      .describe("Kind of the state; absent: compound when it has `states`, else atomic.")
      .exactOptional(),
    initial: name.describe("Key of the inner state that is entered first.").exactOptional(),
    get states(): z.ZodExactOptional<States> {
      return states.describe("Inner states, in the order that matters.").exactOptional();
    },
    on: names(z.record(z.string(), transitions), eventFault, EVENT_NAME_PATTERN)
      .describe("Transitions by event.")
      .exactOptional(),
    always: transitions
      .describe("Transitions taken without an event, as soon as their guard is true.")
      .exactOptional(),
    after: names(z.record(z.string(), transitions), delayFault, DELAY_PATTERN)
      .describe("Transitions by delay: `PT15M`, `working PT2H`, or `= CEL`.")
      .exactOptional(),
    onDone: transitions
      .describe("Taken when the inner states have reached their final ones.")
      .exactOptional(),
    entry: actions.describe("Done whenever the state is entered.").exactOptional(),
    exit: actions.describe("Done whenever the state is left.").exactOptional(),
    invoke: z
      .union([invoke, z.array(invoke)])
      .describe("Jobs that are open while the state is active (BPMN service tasks).")
      .exactOptional(),
    history: z
      .union([z.enum(["shallow", "deep"]), z.boolean()])
      .describe("How much a history state remembers.")
      .exactOptional(),
    target: stateTarget.describe("Default target of a history state.").exactOptional(),
    tags: z
      .union([name, z.array(name)])
      .describe("Marks that orders in this state bear.")
      .exactOptional(),
    meta: stateMeta
      .describe("The BPMN element, step and texts; keys of your own are kept.")
      .exactOptional(),
    description: z.string().describe("For the reader of the definition.").exactOptional(),
  })
  .meta({ id: "State" });

/** Spelled out because the schema of a state holds itself. */
type States = z.ZodRecord<z.ZodString, z.ZodType<StateConfig>>;

const states: States = names(z.record(z.string(), state), stateFault, STATE_KEY_PATTERN).meta({
  id: "States",
});
