/** Callers that want another representation than JSON hear so before anything is done: afterwards it would be too late. */

import { headerOf } from "./header.ts";
import { negotiate } from "./negotiate.ts";
import { ProblemError } from "./problem.ts";
import type { Wall } from "./walls.ts";

export const acceptsJson: Wall = (c) => {
  const accept = headerOf(c, "accept");
  if (accept === undefined || ANYHOW.has(accept)) return;
  const { path } = c.req;
  if (DOCUMENTS.some((document) => document.test(path)) && !path.endsWith(NO_DOCUMENT)) return;
  if (negotiate(accept, ["application/json"]) === null) {
    throw new ProblemError("not-acceptable", "This address answers in `application/json` only.");
  }
};

/** What nearly every caller sends. */
const ANYHOW: ReadonlySet<string> = new Set(["*/*", "application/json"]);

/** These negotiate by themselves. */
const DOCUMENTS = [
  /^\/v1\/definitions\/[^/]+\/[^/]+$/,
  /^\/v1\/work-orders\/[^/]+\/(evidence|history|stream)$/,
  /^\/v1\/stream$/,
  /^\/v1\/audit\/export$/,
];
const NO_DOCUMENT = "/default";
