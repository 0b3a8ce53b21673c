/** Finds signed notes in a file: in the answer of `GET /v1/audit/log-keys`, or in a text with one behind the other. */

import { z } from "zod";

/** A note that is none, `handedOver` refuses. */
export function notesIn(text: string): readonly string[] {
  const answer = answerSchema.safeParse(parsed(text));
  if (answer.success) return answer.data.items.flatMap(({ handover }) => handover ?? []);
  return text.match(NOTE) ?? [];
}

const NOTE = /(?:[^\n]+\n)+\n(?:\u2014 [^\n]+\n)+/g;

const answerSchema = z.object({
  items: z.array(z.object({ handover: z.string().nullable() })),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
