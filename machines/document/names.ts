/** Which names a definition may give to its states, events and delays, and what to say about the others. */

/** `value` in quotes, shortened: a message is for reading. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** What a schema says: zod carries one string per issue, so the help follows the message on a line of its own. */
export function say(message: string, help: string): string {
  return `${message}\n${help}`;
}

/** What is wrong with a name; `rule` is the finding's. */
export interface NameFault {
  readonly rule: string;
  readonly message: string;
  readonly help: string;
}

export type NameJudge = (name: string) => NameFault | null;

/** The same as `stateFault`, for the editors' JSON Schema. */
export const STATE_KEY_PATTERN = "^(?![0-9]+$)(?!xstate)[^.#*\\s]+$";
export const EVENT_NAME_PATTERN = "^(?![0-9]+$)(?!xstate)[^.*\\s]+$";
export const DELAY_PATTERN = "^(working )?(= |P)";

/** State keys are joined by dots into paths, and `#` begins an id. */
export function stateFault(key: string): NameFault | null {
  return nameFault(key, "state key", /[.#*\s]/u, "review, peerCheck");
}

/** Engine events hold dots (`timer.fired`), XState's begin with `xstate`, and `*` is its wildcard. */
export function eventFault(name: string): NameFault | null {
  if (name === "*") {
    return {
      rule: "wildcard",
      message: "expected an event's name, found the wildcard `*`",
      help: "Name each event: what an order accepts must be readable from its definition.",
    };
  }
  return nameFault(name, "event name", /[.*\s]/u, "FINISH_REPAIR");
}

/** XState would read a number as milliseconds and an unknown name as no delay at all, at once and silently. */
export function delayFault(key: string): NameFault | null {
  if (/^[0-9]+(\.[0-9]+)?$/.test(key)) {
    return {
      rule: "numeric-delay",
      message: `expected an ISO 8601 duration or an expression, found the number ${key}`,
      help: `A number would be milliseconds in XState; write ${isoDuration(Number(key))}.`,
    };
  }
  if (new RegExp(DELAY_PATTERN).test(key)) return null;
  return {
    rule: "malformed-delay",
    message: `expected an ISO 8601 duration or an expression, found ${quoted(key)}`,
    help: 'Write a duration such as PT15M, "working PT2H" for opening hours, or an expression such as "= slot.start".',
  };
}

function nameFault(
  name: string,
  what: string,
  forbidden: RegExp,
  examples: string,
): NameFault | null {
  const found = `found ${quoted(name)}`;
  const help = `Rename it; names such as ${examples} are good.`;
  if (name === "") return { rule: "empty-name", message: `expected a ${what}, found none`, help };
  if (name.startsWith("xstate")) {
    const message = `expected a ${what} of your own, ${found}: names beginning with xstate are the engine's`;
    return { rule: "forbidden-name", message, help };
  }
  if (/^[0-9]+$/.test(name)) {
    const message = `expected a ${what} that is not a number, ${found}: JSON objects put such keys first`;
    return { rule: "forbidden-name", message, help };
  }
  const culprit = forbidden.exec(name)?.[0];
  if (culprit === undefined) return null;
  const message = `expected a ${what} without ${JSON.stringify(culprit)}, ${found}`;
  return { rule: "forbidden-name", message, help };
}

/** Milliseconds as an ISO 8601 duration, in the largest unit that holds them whole. */
function isoDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds !== 0 && seconds % 3600 === 0) return `PT${seconds / 3600}H`;
  if (seconds !== 0 && seconds % 60 === 0) return `PT${seconds / 60}M`;
  return `PT${seconds}S`;
}
