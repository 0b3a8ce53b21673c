/** The two shapes of an answer, as `openapi-fetch` takes them. */

import type { Problem } from "./generated/schemas/shared.ts";

export interface Answer<Content> {
  readonly headers: { readonly [name: string]: unknown };
  readonly content: Content;
}

/** `application/problem+json` (RFC 9457) with one of these codes. */
export type Refusal<Code extends string> = Answer<{
  readonly "application/problem+json": Problem & { readonly code: Code };
}>;
