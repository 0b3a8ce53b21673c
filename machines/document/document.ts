/** The shape of a definition document: XState v5 machine configuration as data, and the vocabulary around it. */

import type { Json, JsonObject, JsonSchema } from "../json.ts";

/** A text for people: one string for every language, or one string per BCP 47 language tag. */
export type Text = string | { readonly [language: string]: string };

export interface DefinitionDocument {
  /** Kebab-case name; with `version` the identity of the definition. */
  readonly process: string;
  /** Semantic version (semver.org). */
  readonly version: string;
  readonly title?: Text;
  readonly description?: Text;
  /** What this version changes against the one before it. */
  readonly changes?: Text;
  readonly roles?: readonly string[];
  /** JSON Schema of the order's data; defaults make the initial data; `x-personal: true` marks fields that are sealed. */
  readonly data?: JsonSchema;
  readonly events?: { readonly [type: string]: EventDeclaration };
  readonly items?: { readonly [collection: string]: ItemDeclaration };
  readonly effects?: { readonly [type: string]: EffectDeclaration };
  readonly jobs?: { readonly [type: string]: JobDeclaration };
  /** Customer texts; `{{ CEL }}` inside is filled at the transition. */
  readonly messages?: { readonly [key: string]: Text };
  readonly invariants?: readonly Invariant[];
  readonly separation?: readonly Separation[];
  /** Working calendars; `default` serves every centre that no other calendar names. */
  readonly calendars?: { readonly [name: string]: CalendarDeclaration };
  readonly machine: StateConfig;
}

export interface EventDeclaration {
  readonly title?: Text;
  readonly description?: Text;
  /** The item collection that this event is addressed to. */
  readonly item?: string;
  /** Roles that may send it; absent: every role of the document; empty: only the process itself, by `raise` or `send`. */
  readonly by?: readonly string[];
  /** JSON Schema of the payload; absent: an empty object. */
  readonly payload?: JsonSchema;
}

/** BPMN's multi-instance sub-process: many things of one kind inside an order, each with a statechart of its own. */
export interface ItemDeclaration {
  readonly title?: Text;
  /** The payload field by which an event names its item. */
  readonly key: string;
  readonly data?: JsonSchema;
  readonly machine: StateConfig;
}

export interface EffectDeclaration {
  readonly title?: Text;
  readonly payload?: JsonSchema;
}

/** A service task's contract with its worker. */
export interface JobDeclaration {
  readonly title?: Text;
  /** The engine does the work itself; absent: a worker outside. */
  readonly builtin?: BuiltinJob;
  /** Roles that may do it, beside `admin`, `worker` and `system`; absent: these alone. */
  readonly by?: readonly string[];
  readonly input?: JsonSchema;
  readonly output?: JsonSchema;
  /** Attempts after the first; absent: 3. */
  readonly retries?: number;
  /** ISO 8601 duration before the first retry, doubled at each further one; absent: PT10S. */
  readonly backoff?: string;
}

/**
 * `slot.reserve` `{ resources, from, to, centre? }`: all of the resources for that time, or the error `slot-taken`.
 * `slot.release` `{ reservation? }`. Those of a `person` are the engine's own process's alone.
 */
export type BuiltinJob =
  | "slot.reserve"
  | "slot.release"
  | "person.erase"
  | "person.sweep"
  | "person.restrict"
  | "person.lift";

export interface Invariant {
  readonly id: string;
  readonly title?: Text;
  /** A CEL expression, `= ` first, that is true after every step. */
  readonly always: string;
}

/** `event`, sent while `in` is active, is refused to whoever sent one of `notBy` to the same order. */
export interface Separation {
  readonly event: string;
  /** State path from the root, dots between keys; absent: anywhere. */
  readonly in?: string;
  readonly notBy: readonly string[];
}

export type Weekday =
  | "monday"
  | "tuesday"
  | "wednesday"
  | "thursday"
  | "friday"
  | "saturday"
  | "sunday";

export interface CalendarDeclaration {
  /** Centres that keep this calendar. */
  readonly centres?: readonly string[];
  /** IANA time zone. */
  readonly timeZone: string;
  /** Opening hours, `HH:MM-HH:MM`, in order, local time; a weekday that is absent is closed. `24:00` ends a day. */
  readonly hours: { readonly [day in Weekday]?: readonly string[] };
  /** Closed local dates, `YYYY-MM-DD`. */
  readonly holidays?: readonly string[];
  /** Local dates that are open although their weekday or a holiday says closed; `hours` absent: those of Monday. */
  readonly makeUpDays?: readonly (
    | string
    | { readonly date: string; readonly hours: readonly string[] }
  )[];
  /** Last local date that the calendar knows; working time beyond it is refused. */
  readonly validTo?: string;
}

export interface StateConfig {
  readonly id?: string;
  readonly type?: "atomic" | "compound" | "parallel" | "final" | "history";
  readonly initial?: string;
  readonly states?: { readonly [key: string]: StateConfig };
  readonly on?: { readonly [event: string]: Transitions };
  readonly always?: Transitions;
  readonly after?: { readonly [delay: string]: Transitions };
  readonly onDone?: Transitions;
  readonly entry?: Actions;
  readonly exit?: Actions;
  readonly invoke?: InvokeConfig | readonly InvokeConfig[];
  readonly history?: "shallow" | "deep" | boolean;
  /** Default target of a history state. */
  readonly target?: string;
  readonly tags?: string | readonly string[];
  readonly meta?: StateMeta;
  readonly description?: string;
}

export type Element =
  | "userTask"
  | "serviceTask"
  | "receiveTask"
  | "timerCatch"
  | "exclusiveGateway"
  | "parallelGateway"
  | "subProcess"
  | "callActivity"
  | "startEvent"
  | "endEvent";

export interface StateMeta {
  /** The step of the process that the order is in while this state is active; inherited by inner states. */
  readonly step?: string;
  readonly title?: Text;
  readonly element?: Element;
  /** Who does the user task. */
  readonly role?: string;
  /** Who would pay for time spent here: value-stream class. */
  readonly value?: "customer" | "business" | "waste";
  /** What an order that ends in this final state came to; absent: the state's key. */
  readonly outcome?: string;
  readonly [extra: string]: Json | undefined;
}

export type Transitions = string | TransitionConfig | readonly (string | TransitionConfig)[];

export interface TransitionConfig {
  readonly target?: string | readonly string[];
  /** A CEL expression, `= ` first. */
  readonly guard?: string;
  readonly actions?: Actions;
  readonly reenter?: boolean;
  readonly description?: string;
  readonly meta?: TransitionMeta;
}

export interface TransitionMeta {
  /** Why the guard refuses, in words; shown where the event is blocked. */
  readonly because?: Text;
  readonly [extra: string]: Json | undefined;
}

export type Actions = string | ActionConfig | readonly (string | ActionConfig)[];

/** `assign`, `raise`, `open`, `send`, or an effect that the document declares. */
export interface ActionConfig {
  readonly type: string;
  readonly params?: JsonObject;
}

export interface InvokeConfig {
  /** Absent: the state's id. */
  readonly id?: string;
  /** The job's type. */
  readonly src: string;
  readonly input?: JsonObject;
  readonly onDone?: Transitions;
  readonly onError?: Transitions;
}
