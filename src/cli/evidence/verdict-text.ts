/** Says what came of a bundle's verification: for a reader, and as JSON. */

import { bundleReadme } from "../../audit/evidence/readme.ts";
import type { Refuted } from "../../audit/evidence/verdict.ts";
import type { Json, JsonObject } from "../../../machines/json.ts";
import type { Upheld } from "./judge-bundle.ts";
import type { EvidenceWords } from "./words.ts";

export function verdictText(file: string, verdict: Upheld | Refuted, words: EvidenceWords): string {
  if (verdict.kind === "refuted") {
    const { place, expected, found } = verdict;
    return `${file}: ${words.refuted(shown(place))}
  ${words.expected} ${shown(expected)}
  ${words.found} ${shown(found)}
`;
  }
  const { bundle, proved, replayed } = verdict;
  const { entries, opened, sealed, checkpoint, key } = proved;
  const { separations, timers, effects } = replayed.rules;
  const versions = replayed.versions.map(({ process, version }) => `${process} ${version}`);
  const { labels } = words;
  const [first, last] = [entries[0]?.at ?? "", entries.at(-1)?.at ?? ""];
  const { position, size } = bundle.proof;
  const rows: readonly (readonly [string, string])[] = [
    [labels.order, `${shown(bundle.order)}, ${versions.join(", ")}`],
    [labels.entries, words.entries(entries.length, first, last)],
    [labels.log, words.log(position, size, checkpoint.time, `${key.name}+${key.id}`)],
    [labels.values, words.values(opened.length, sealed)],
    [labels.replay, words.replayed],
    [labels.rules, words.rules(separations, timers, effects)],
    ...(isOnTestClock(verdict) ? [[labels.clock, words.testClock] as const] : []),
    ...(isOurReadme(verdict) ? [] : [[labels.readme, words.anotherReadme] as const]),
  ];
  return `${file}: ${words.proved}\n${rows.map(([label, text]) => `  ${label.padEnd(8)} ${text}\n`).join("")}`;
}

export function verdictJson(file: string, verdict: Upheld | Refuted): JsonObject {
  if (verdict.kind === "refuted") {
    const { place, expected, found } = verdict;
    return { file, verified: false, place, expected, found };
  }
  const { bundle, proved, replayed } = verdict;
  const { kind: _kind, ...rules } = replayed.rules;
  const { time, origin } = proved.checkpoint;
  const { position, size } = bundle.proof;
  return {
    ...{ file, verified: true, order: bundle.order, entries: proved.entries.length },
    log: { origin, position, size, time, key: proved.key.text },
    sealed: proved.sealed,
    opened: proved.opened.map(({ revision, pointer, value }): Json => ({
      revision,
      pointer,
      value,
    })),
    versions: replayed.versions.map(({ process, version }) => ({ process, version })),
    ...{ rules, testClock: isOnTestClock(verdict), readme: isOurReadme(verdict) },
  };
}

function isOnTestClock({ proved }: Upheld): boolean {
  return typeof proved.entries[0]?.payload["testClock"] === "string";
}

function isOurReadme({ bundle }: Upheld): boolean {
  const { text, verifier } = bundleReadme();
  return bundle.readme.text === text && bundle.readme.verifier === verifier;
}

/** What comes out of a file that is not believed must not move the reader's cursor. */
function shown(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
