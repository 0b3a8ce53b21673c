/** What the engine promises of evidence: a bundle that verifies offline, and was verified before it was given. */

import type { Refused } from "../refusal.ts";
import type { Caller } from "../engine.ts";

/**
 * Which sealed values are opened in a bundle. `visible`: all that the caller may see; a list: of these those that stand at
 * these JSON Pointers into entries' payloads or below, or have these commitments.
 */
export type Disclosure = "visible" | "none" | readonly string[];

/** @returns the bundle's text, of all entries that the order had when it was asked for */
export type Evidence = (
  caller: Caller,
  id: string,
  disclose: Disclosure,
) => Promise<{ readonly kind: "ok"; readonly text: string } | Refused>;
