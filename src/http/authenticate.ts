/** Lets only callers with a valid token through, and says what a caller's roles may do beyond one order. */

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Caller } from "../runtime/engine.ts";
import type { AppPorts, HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { ProblemError } from "./problem.ts";
import { rateLimited } from "./rate-limit.ts";
import { remoteAddress } from "./remote-address.ts";
import { tokenBuckets } from "./token-bucket.ts";
import type { TokenReading } from "./token.ts";
import { walled, type Wall } from "./walls.ts";

/** Reads everything and changes nothing. */
const READER = "auditor";

/** More than any issuer makes; a longer one is not even looked at. */
const MAX_TOKEN_LENGTH = 8_192;
/** Of one address: somebody who guesses, or a client that was forgotten. Good tokens from there go on. */
const FAILURES = { perSecond: 1, burst: 60 };

/** RFC 6750: the token stands in `Authorization`, never in the address, where logs would keep it. */
export function authenticate({ readToken, edge = {} }: Pick<AppPorts, "readToken" | "edge">): Wall {
  const failures = tokenBuckets(FAILURES, () => performance.now());
  const believe = (c: Context<HttpEnv>, reading: TokenReading, isMissing: boolean): void => {
    if (reading.kind === "unavailable") {
      throw new ProblemError("identity-provider-unavailable", reading.detail);
    }
    if (reading.kind === "refused") {
      const address = remoteAddress(c, edge.trustedProxies ?? []);
      const taken = address === null ? null : failures(address);
      if (taken?.granted === false) {
        throw rateLimited("Too many tokens from your address were not believed.", taken);
      }
      throw unauthenticated(reading.detail, isMissing);
    }
    c.set("caller", reading.caller);
  };
  return (c) => {
    const header = headerOf(c, "authorization");
    if (header === undefined) return believe(c, NO_TOKEN, true);
    const reading = readToken(tokenIn(header) ?? "");
    if (!(reading instanceof Promise)) return believe(c, reading, false);
    return reading.then((read) => believe(c, read, false));
  };
}

const NO_TOKEN: TokenReading = {
  kind: "refused",
  detail: "Send a token: `Authorization: Bearer <token>`.",
};

/** @returns null when the header is no bearer's */
export function tokenIn(header: string): string | null {
  if (header.length > MAX_TOKEN_LENGTH) return null;
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? null;
}

/** For what changes something: a token that may only read is refused. */
export const mayChange: Wall = (c) => {
  const { roles } = c.get("caller");
  if (roles.every((role) => role === READER)) {
    throw new ProblemError("role-not-allowed", `The role ${READER} reads, and changes nothing.`);
  }
};

export const changesSomething = walled(mayChange);

/** Lets callers through that hold one of the roles. */
export function anyRoleOf(...allowed: readonly string[]) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (!holdsOneOf(c.var.caller, allowed)) {
      throw new ProblemError(
        "role-not-allowed",
        `This takes the role ${allowed.join(" or ")}; the token holds ${c.var.caller.roles.join(", ")}.`,
      );
    }
    await next();
  });
}

/** For what is the same for all centres: whoever reaches some would decide for the others, too. */
export const everyCentre = createMiddleware<HttpEnv>(async (c, next) => {
  const { centres } = c.var.caller;
  if (centres !== null) {
    throw new ProblemError(
      "centre-not-allowed",
      `This concerns every centre, and takes a token of all; the token reaches ${centres.join(", ") || "none"}.`,
    );
  }
  await next();
});

function holdsOneOf(caller: Caller, allowed: readonly string[]): boolean {
  return caller.roles.some((role) => allowed.includes(role));
}

function unauthenticated(detail: string, isMissing: boolean): ProblemError {
  const error = isMissing ? "" : 'error="invalid_token", ';
  const headers = { "WWW-Authenticate": `Bearer ${error}realm="sevenstep"` };
  return new ProblemError("authentication-required", detail, {}, headers);
}
