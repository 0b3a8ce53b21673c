/** What an audit finds wrong: of which order, in which entry, in which field, what was expected there and what is stored. */

import type { Diverged } from "../../audit/replay.ts";

export interface AuditFinding {
  /** Null: it is about the log itself. */
  readonly order: string | null;
  /** Null: about none of its entries alone. */
  readonly revision: number | null;
  /** A member of the entry, what lies beside the history, or `log`. */
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** A report is read by people: of a whole snapshot the beginning tells as much. */
const MAX_CHARACTERS = 300;

export function findingOf(
  order: string | null,
  {
    revision,
    field,
    expected,
    found,
  }: Pick<Diverged, "field" | "expected" | "found"> & {
    readonly revision: number | null;
  },
): AuditFinding {
  const [one, other] = excerpts(expected, found);
  return { order, revision, field, expected: one, found: other };
}

/** From where the two begin to differ. */
function excerpts(expected: string, found: string): readonly [string, string] {
  let same = 0;
  while (same < expected.length && same < found.length && expected[same] === found[same]) same += 1;
  const from = Math.max(0, same - CONTEXT);
  const cut = (text: string): string => {
    const part = text.slice(from, from + MAX_CHARACTERS).toWellFormed();
    const before = from > 0 ? "..." : "";
    return before + part + (from + MAX_CHARACTERS < text.length ? "..." : "");
  };
  return expected.length <= MAX_CHARACTERS && found.length <= MAX_CHARACTERS
    ? [expected, found]
    : [cut(expected), cut(found)];
}

const CONTEXT = 40;
