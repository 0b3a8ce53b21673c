/** Customer texts: what their placeholders were at the transition, and how they read in a language. */

import { splitPlaceholders } from "../compile/placeholders.ts";
import type { Executable } from "../compile/executable.ts";
import { textIn } from "../document/text.ts";
import type { Scope } from "../evaluation.ts";
import type { Json, JsonObject } from "../json.ts";
import { memberOf } from "../json.ts";
import type { Effect } from "../order.ts";

/** The placeholders of the message that an effect's params name, evaluated; null when they name none. */
export function messageValues(
  executable: Executable,
  collection: string | null,
  params: JsonObject,
  scope: Scope,
): JsonObject | null {
  const key = params["message"];
  if (typeof key !== "string") return null;
  const chart = collection === null ? executable.order : executable.items.get(collection)?.chart;
  const spec = chart?.messages.get(key);
  if (spec === undefined) return null;
  return Object.fromEntries(
    [...spec.expressions].map(([source, expression]) => [source, expression.evaluate(scope)]),
  );
}

/**
 * The text that the effect's receiver reads, in `language` or the nearest there is; null when it names no message.
 * Needs nothing but the effect and the definition, so it reads the same years later.
 */
export function renderMessage(
  executable: Executable,
  effect: Pick<Effect, "params" | "values">,
  language: string,
): string | null {
  const key = effect.params["message"];
  const text = typeof key === "string" ? memberOf(executable.document.messages, key) : undefined;
  if (text === undefined) return null;
  return splitPlaceholders(textIn(text, language, ""))
    .map((piece) => (typeof piece === "string" ? piece : written(effect.values?.[piece.source])))
    .join("");
}

function written(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
