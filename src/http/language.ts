/** Picks the language of texts for people from `Accept-Language` (RFC 9110 section 12.5.4). */

import { weighted } from "./negotiate.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** @returns the language with the greatest weight; `en` when none fits, because an answer in some language beats none */
export function languageOf(acceptLanguage: string | undefined): Language {
  let best: Language = "en";
  let bestWeight = 0;
  for (const { value, weight } of weighted(acceptLanguage ?? "")) {
    const primary = value.split("-", 1)[0];
    const language = LANGUAGES.find((known) => known === primary);
    if (language !== undefined && weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}
