/** Reads a period as people write it: a year, a month, a day, or two of them with a slash between (ISO 8601 4.4.1, UTC). */

import type { Period } from "../histories/histories.ts";
import { formatInstant, parseInstant } from "../../../machines/time/instant.ts";

/** Null: it is none. The end itself is left out: `2026-03-01/2026-03-15` ends with the fourteenth. */
export function periodIn(text: string): Period | null {
  const [first = "", second, ...more] = text.split("/");
  if (more.length > 0) return null;
  const from = spanOf(first);
  const to = second === undefined ? from?.to : spanOf(second)?.from;
  if (from === null || to === undefined || to <= from.from) return null;
  return { from: from.from, to };
}

function spanOf(text: string): Period | null {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text) ?? [];
  if (year === undefined) {
    const ms = parseInstant(text);
    return ms === null ? null : { from: formatInstant(ms), to: formatInstant(ms) };
  }
  const from = parseInstant(`${year}-${month ?? "01"}-${day ?? "01"}T00:00:00.000Z`);
  if (from === null) return null;
  const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)];
  const to =
    day !== undefined ? Date.UTC(y, m, d + 1) : Date.UTC(y, month === undefined ? 12 : m + 1);
  return { from: formatInstant(from), to: formatInstant(to) };
}
