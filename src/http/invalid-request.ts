/** Says where a request leaves its schema: every place at once, bodies by JSON Pointer, parameters by name. */

import type { Hook } from "@hono/zod-openapi";
import type { z } from "zod";
import type { HttpEnv } from "./context.ts";
import { ProblemError } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** An address with an id that can't be one is an address of nothing. */
export const refuseInvalid: Hook<unknown, HttpEnv, string, unknown> = (result) => {
  if (result.success) return;
  if (result.target === "param") {
    throw new ProblemError("not-found", "Nothing has such an id or name.");
  }
  const member = result.target === "json" ? "pointer" : "parameter";
  const errors = result.error.issues.flatMap(places).map(({ path, message }) => ({
    [member]: member === "pointer" ? pointerOf(path) : path.map(String).join("."),
    message,
  }));
  const where = member === "pointer" ? "body" : "query";
  throw new ProblemError(
    "request-invalid",
    `The ${where} does not fit what this address takes; see errors.`,
    { errors },
  );
};

interface Place {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Zod names all unknown keys of one object in one issue. */
function places(issue: Issue): readonly Place[] {
  if (issue.code !== "unrecognized_keys") return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: "unknown here" }));
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
