/** Picks the language of texts for people from `Accept-Language` (RFC 9110 section 12.5.4). */

import { LANGUAGES, type Language } from "../runtime/languages.ts";
import { weighted, type Weighted } from "./negotiate.ts";

/** @returns the language with the greatest weight, of equals the first; `en` when none fits, because an answer in some language beats none */
export function languageOf(acceptLanguage: string | undefined): Language {
  if (acceptLanguage === undefined) return "en";
  const ranges = weighted(acceptLanguage);
  let best: Language = "en";
  let bestWeight = 0;
  for (const { value, weight } of ranges) {
    if (weight <= bestWeight) continue;
    const language = value === "*" ? unnamed(ranges) : languageIn(value);
    if (language === undefined) continue;
    best = language;
    bestWeight = weight;
  }
  return best;
}

/** `*` stands for every language that no other range names (RFC 4647 section 3.3.1). */
function unnamed(ranges: readonly Weighted[]): Language | undefined {
  const named = new Set(ranges.map(({ value }) => languageIn(value)));
  return LANGUAGES.find((language) => !named.has(language));
}

function languageIn(range: string): Language | undefined {
  const [primary] = range.split("-", 1);
  return LANGUAGES.find((language) => language === primary);
}
