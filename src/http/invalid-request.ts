/** Says where a request leaves its schema: every place at once, bodies by JSON Pointer, parameters by name. */

import type { Hook } from "@hono/zod-openapi";
import type { z } from "zod";
import type { HttpEnv } from "./context.ts";
import { ProblemError } from "./problem.ts";
import { wordsOf } from "./request-words.ts";

type Issue = z.core.$ZodIssue;

/** An address with an id that can't be one is an address of nothing. */
export const refuseInvalid: Hook<unknown, HttpEnv, string, unknown> = (result) => {
  if (result.success) return;
  if (result.target === "param") {
    throw new ProblemError("not-found", "Nothing has such an id or name.");
  }
  const member = result.target === "json" ? "pointer" : "parameter";
  const sent: unknown = "data" in result ? result.data : undefined;
  const errors = result.error.issues
    .flatMap((issue) => places(issue, sent))
    .map(({ path, message }) => ({
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

/** @param sent what the issue's path begins at */
function places(issue: Issue, sent: unknown): readonly Place[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    // Zod names all unknown keys of one object in one issue.
    return issue.keys.map((key) => ({ path: [...path, key], message: "unknown here" }));
  }
  const found = path.reduce(memberAt, sent);
  const meant = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined;
  if (meant === undefined) return [{ path, message: wordsOf(issue, found) }];
  return meant
    .flatMap((inner) => places(inner, found))
    .map((place) => ({ ...place, path: [...path, ...place.path] }));
}

/** Of several shapes, the one that the caller's value is of: what is wrong is then further in. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find(
    (issues) =>
      issues.length > 0 &&
      issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
}

function memberAt(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
