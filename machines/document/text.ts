/** Which of a text's languages a reader gets. */

import type { Text } from "./document.ts";

/**
 * The text in `language`, else in a wider form of it (`zh` for `zh-Hans-CN`, RFC 4647 lookup), else in a narrower one,
 * else in English, else in the first language by name; `fallback` when there is no text at all.
 * The order of the languages in the document never matters, so the digest need not keep it.
 */
export function textIn(text: Text | undefined, language: string, fallback: string): string {
  if (text === undefined) return fallback;
  if (typeof text === "string") return text;
  if (isMeant(text, language)) return text[language] ?? fallback;
  const tags = Object.keys(text).toSorted();
  const tag =
    widerForms(language)
      .map((form) => tags.find((tag) => tag.toLowerCase() === form))
      .find(isTag) ??
    tags.find((tag) => tag.toLowerCase().startsWith(`${primary(language)}-`)) ??
    tags.find((tag) => primary(tag) === "en") ??
    tags[0];
  return (tag === undefined ? undefined : text[tag]) ?? fallback;
}

/** Nearly everybody asks for a tag that the text has, and that no other one spells in other letters. */
function isMeant(text: Exclude<Text, string>, language: string): boolean {
  if (!Object.hasOwn(text, language)) return false;
  const spelt = language.toLowerCase();
  return Object.keys(text).every((tag) => tag === language || tag.toLowerCase() !== spelt);
}

/** `zh-hans-cn`, `zh-hans`, `zh`. */
function widerForms(language: string): readonly string[] {
  const subtags = language.toLowerCase().split("-");
  return subtags.map((_, index) => subtags.slice(0, subtags.length - index).join("-"));
}

function primary(tag: string): string {
  return tag.toLowerCase().split("-")[0] ?? "";
}

function isTag(tag: string | undefined): tag is string {
  return tag !== undefined;
}
