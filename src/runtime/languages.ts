/** The languages in which the server itself speaks to people; a definition's texts may have more. */

import type { Text } from "../../machines/document/document.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** One text in every language of the server: what holds it needs to know no reader. */
export function inEveryLanguage(say: (language: Language) => string): Text {
  return Object.fromEntries(LANGUAGES.map((language) => [language, say(language)]));
}
