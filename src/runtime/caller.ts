/** What a caller's token lets the caller reach, act as, and read. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Actor } from "../../machines/order.ts";
import type { Scope } from "../store/store.ts";
import type { Caller } from "./engine.ts";
import { refused, type Refused } from "./refusal.ts";

/** May do and see what every role of every document may. */
const ADMIN = "admin";
/** Reads everything but persons' data, and changes nothing. */
const AUDITOR = "auditor";

/** What timers and jobs act as. */
export function engineActor(centre: string | null): Actor {
  return { sub: "sevenstep", role: "system", centre };
}

export function scopeOf({ centres }: Caller): Scope {
  return { centres: centres ?? "*" };
}

/** An order without a centre is reached by those only who reach every centre. */
export function reaches({ centres }: Caller, centre: string | null): boolean {
  return centres === null || (centre !== null && centres.includes(centre));
}

/** Who holds no other role than the auditor's changes nothing. */
export function onlyReads({ roles }: Caller): boolean {
  return acting(roles).length === 0 && roles.length > 0;
}

/** A token may name no centre at all: what its holder made would be of nobody. */
export function reachesNothing({ centres }: Caller): boolean {
  return centres?.length === 0;
}

/** @param what that was to be made */
export function ofNoCentre(what: string): Refused {
  return refused(
    "centre-not-allowed",
    `Expected a token with a centre to make ${what} for, found one with none: ask for a token of the centre.`,
  );
}

/**
 * The caller in each role that may send the event, in the token's order. When none may, the caller in the first role,
 * so that the refusal names it.
 * @param by null: every caller may
 */
export function actorsOf(
  caller: Caller,
  by: readonly string[] | null,
  centre: string | null,
): readonly [Actor, ...Actor[]] {
  const [first = "none", ...others] = caller.roles;
  const able = acting([first, ...others]);
  const roles = by === null ? able.slice(0, 1) : able.filter((role) => by.includes(role));
  const [chosen = first, ...rest] = roles;
  return [actorAs(caller, chosen, centre), ...rest.map((role) => actorAs(caller, role, centre))];
}

/** The caller in every role of the token. */
export function everyActorOf(caller: Caller, centre: string | null): readonly Actor[] {
  const roles = caller.roles.length === 0 ? ["none"] : caller.roles;
  return roles.map((role) => actorAs(caller, role, centre));
}

/**
 * Roles that take part in the process: the document's own and `admin`. A document that names no roles is open to all
 * but auditors.
 */
export function takingPart(executable: Executable, { roles }: Caller): readonly string[] {
  const own = executable.document.roles ?? [];
  return acting(roles).filter((role) => role === ADMIN || own.length === 0 || own.includes(role));
}

/** Whoever takes part in the process reads the persons' data in it; to all others it stays sealed. */
export function maySeePersons(executable: Executable, caller: Caller): boolean {
  return takingPart(executable, caller).length > 0;
}

/** Whatever a document says, nobody acts or takes part as auditor. */
function acting(roles: readonly string[]): readonly string[] {
  return roles.filter((role) => role !== AUDITOR);
}

function actorAs({ sub, centres }: Caller, role: string, centre: string | null): Actor {
  return { sub, role, centre: centres === null ? null : centre };
}
