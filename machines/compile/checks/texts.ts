/** Warns of texts that miss a language which other texts of the document have: a reader would get the wrong one. */

import type { DefinitionDocument } from "../../document/document.ts";
import { childOf } from "../../document/pointer.ts";
import type { Reporter } from "../report.ts";
import { listed } from "../report.ts";

interface PlacedText {
  readonly pointer: string;
  readonly languages: readonly string[];
}

/** Members that hold a `Text` wherever they stand; every member of `messages` is one, too. */
const TEXT_MEMBERS: ReadonlySet<string> = new Set(["title", "description", "changes", "because"]);

export function checkTexts(document: DefinitionDocument, reporter: Reporter): void {
  const { data: _data, ...rest } = document;
  const texts = textsIn(rest, "");
  const languages = new Set(texts.flatMap((text) => text.languages));
  for (const { pointer, languages: own } of texts) {
    const missing = [...languages].filter((language) => !own.includes(language));
    if (missing.length === 0) continue;
    reporter.warning(
      "text-missing",
      pointer,
      `Expected a text in ${listed(languages)}, as others here have; found none in ${listed(missing)}.`,
      `Add ${listed(missing)}.`,
    );
  }
}

function textsIn(value: unknown, pointer: string): readonly PlacedText[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): readonly PlacedText[] => {
    const at = childOf(pointer, key);
    // Schemas and params are data: a field may be called "title" there.
    if (key === "payload" || key === "data" || key === "params" || key === "input") return [];
    const isText = TEXT_MEMBERS.has(key) || pointer === "/messages";
    return isText && isTextMap(member)
      ? [{ pointer: at, languages: Object.keys(member) }]
      : textsIn(member, at);
  });
}

function isTextMap(value: unknown): value is { readonly [language: string]: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}
