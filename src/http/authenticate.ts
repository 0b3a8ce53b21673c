/** Lets only callers with a valid token through, and says what a caller's roles may do beyond one order. */

import { createMiddleware } from "hono/factory";
import type { Caller } from "../runtime/engine.ts";
import type { HttpEnv } from "./context.ts";
import { ProblemError } from "./problem.ts";
import type { TokenReader } from "./token.ts";

/** Reads everything and changes nothing. */
const READER = "auditor";

/** RFC 6750: the token stands in `Authorization`, never in the address, where logs would keep it. */
export function authenticate(readToken: TokenReader) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const header = c.req.header("authorization");
    if (header === undefined) {
      throw unauthenticated("Send a token: `Authorization: Bearer <token>`.", "Bearer");
    }
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1];
    const reading =
      token === undefined
        ? { kind: "refused" as const, detail: "Expected `Authorization: Bearer <token>`." }
        : await readToken(token);
    if (reading.kind === "refused") {
      throw unauthenticated(reading.detail, 'Bearer error="invalid_token"');
    }
    c.set("caller", reading.caller);
    await next();
  });
}

/** For what changes something: a token that may only read is refused. */
export const changesSomething = createMiddleware<HttpEnv>(async (c, next) => {
  const { roles } = c.var.caller;
  if (roles.every((role) => role === READER)) {
    throw new ProblemError("role-not-allowed", `The role ${READER} reads, and changes nothing.`);
  }
  await next();
});

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

function holdsOneOf(caller: Caller, allowed: readonly string[]): boolean {
  return caller.roles.some((role) => allowed.includes(role));
}

function unauthenticated(detail: string, challenge: string): ProblemError {
  const headers = {
    "WWW-Authenticate": `${challenge}${challenge === "Bearer" ? " " : ", "}realm="sevenstep"`,
  };
  return new ProblemError("authentication-required", detail, {}, headers);
}
