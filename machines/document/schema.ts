/** The zod schema of a definition document: the shape that every published definition has. */

import { z } from "zod";
import { EVENT_NAME_PATTERN, eventFault, quoted, type NameFault } from "./names.ts";
import { calendar } from "./schema-calendar.ts";
import { expression, jsonSchema, name, names, text, word } from "./schema-parts.ts";
import { eventReference, state } from "./schema-state.ts";

const event = z
  .strictObject({
    title: text.describe("The event's name for people.").exactOptional(),
    description: text.describe("What the event says has happened.").exactOptional(),
    item: name.describe("The item collection that this event is addressed to.").exactOptional(),
    by: z
      .array(name)
      .describe(
        "Roles that may send it; absent: every role of the document. `[]`: only the process itself, by `raise` or `send`.",
      )
      .exactOptional(),
    payload: jsonSchema
      .describe("JSON Schema of the payload; absent: an empty object.")
      .exactOptional(),
  })
  .meta({ id: "Event" });

const item = z
  .strictObject({
    title: text.describe("The collection's name for people.").exactOptional(),
    key: name.describe("The payload field by which an event names its item."),
    data: jsonSchema.describe("JSON Schema of an item's data.").exactOptional(),
    machine: state.describe("The statechart that each item has of its own."),
  })
  .meta({ id: "Item" });

const effect = z
  .strictObject({
    title: text.describe("The effect's name for people.").exactOptional(),
    payload: jsonSchema.describe("JSON Schema of the effect's params.").exactOptional(),
  })
  .meta({ id: "Effect" });

const job = z
  .strictObject({
    title: text.describe("The job's name for people.").exactOptional(),
    builtin: z
      .enum([
        "slot.reserve",
        "slot.release",
        "person.erase",
        "person.sweep",
        "person.restrict",
        "person.lift",
      ])
      .describe(
        "The engine does the work itself; absent: a worker outside. Those of a person fail in any process but the engine's own.",
      )
      .exactOptional(),
    by: z
      .array(name)
      .describe("Roles that may do it, beside admin, worker and system; absent: these alone.")
      .exactOptional(),
    input: jsonSchema.describe("JSON Schema of what the worker gets.").exactOptional(),
    output: jsonSchema.describe("JSON Schema of what the worker gives.").exactOptional(),
    retries: z
      .int()
      .min(0)
      .max(100)
      .describe("Attempts after the first, at most 100; absent: 3.")
      .exactOptional(),
    backoff: word(/^P/u, "an ISO 8601 duration", "Write a duration such as PT10S.")
      .describe("ISO 8601 duration before the first retry, doubled at each further one.")
      .exactOptional(),
  })
  .meta({ id: "Job" });

const invariant = z
  .strictObject({
    id: name.describe("Name of the rule, unique in the document."),
    title: text.describe("The rule in words.").exactOptional(),
    always: expression.describe("A CEL expression, `= ` first, that is true after every step."),
  })
  .meta({ id: "Invariant" });

const separation = z
  .strictObject({
    event: eventReference.describe("The event that is refused."),
    in: name
      .describe("Path of the state in which it is refused, dots between keys; absent: anywhere.")
      .exactOptional(),
    notBy: z
      .array(eventReference)
      .min(1)
      .describe("Whoever sent one of these events to the same order is refused."),
  })
  .meta({ id: "Separation" });

const KEY_PATTERN = "^[A-Za-z_][A-Za-z0-9_-]*$";

export const definition = z
  .strictObject({
    process: word(
      /^(?=.{1,100}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/u,
      "a kebab-case name of at most 100 characters",
      "Write lowercase words joined by hyphens, such as service-visit.",
    ).describe("Kebab-case name; with `version` the identity of the definition."),
    version: word(
      // semver.org, "Is there a suggested regular expression": numbered form without the groups, here of bounded length.
      /^(?=.{5,64}$)(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/u,
      "a semantic version of at most 64 characters",
      "Write three numbers, such as 1.0.0 (semver.org).",
    ).describe("Semantic version; a published version never changes."),
    title: text.describe("The process's name for people.").exactOptional(),
    description: text.describe("What the process is for.").exactOptional(),
    changes: text.describe("What this version changes against the one before it.").exactOptional(),
    roles: z.array(name).describe("Who takes part.").exactOptional(),
    data: jsonSchema
      .describe(
        "JSON Schema of the order's data; defaults make the initial data, `x-personal: true` marks sealed fields.",
      )
      .exactOptional(),
    events: names(z.record(z.string(), event), eventFault, EVENT_NAME_PATTERN)
      .describe("What can happen to an order, by name.")
      .exactOptional(),
    items: names(z.record(z.string(), item), keyFault, KEY_PATTERN)
      .describe("Collections of things inside an order, each with a statechart of its own.")
      .exactOptional(),
    effects: names(z.record(z.string(), effect), keyFault, KEY_PATTERN)
      .describe("What the process tells the world, by the action's type.")
      .exactOptional(),
    jobs: names(z.record(z.string(), job), keyFault, KEY_PATTERN)
      .describe("Contracts with the workers of service tasks, by the job's type.")
      .exactOptional(),
    messages: names(z.record(z.string(), text), keyFault, KEY_PATTERN)
      .describe("Customer texts by key; `{{ CEL }}` inside is filled at the transition.")
      .exactOptional(),
    invariants: z.array(invariant).describe("What is true after every step.").exactOptional(),
    separation: z
      .array(separation)
      .describe("Separation of duties: who may not do what after what.")
      .exactOptional(),
    calendars: z
      .record(z.string(), calendar)
      .describe("Working calendars; `default` serves every centre that no other calendar names.")
      .exactOptional(),
    machine: state.describe("The order's statechart, as XState v5 writes it."),
  })
  .meta({ id: "Definition" });

function keyFault(key: string): NameFault | null {
  if (new RegExp(KEY_PATTERN).test(key)) return null;
  return {
    rule: "forbidden-name",
    message: `expected a name of letters, digits, \`_\` and \`-\`, found ${quoted(key)}`,
    help: "Rename it; names such as addOns and consent-needed are good.",
  };
}
