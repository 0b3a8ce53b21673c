/** People meet a definition by its texts: everything that they can see has a name in Chinese and in English. */

import { describe, expect, test } from "vitest";

import type { StateConfig, Text } from "../../machines/document/document.ts";
import { splitPlaceholders } from "../../machines/compile/placeholders.ts";
import { readDefinitions } from "./read-definitions.ts";

interface Named {
  readonly place: string;
  readonly text: Text | undefined;
}

const HAN = /\p{Script=Han}/u;

const definitions = readDefinitions().flatMap(({ name, executable }) =>
  executable === null ? [] : [{ name, document: executable.document }],
);

describe.each(definitions)("$name", ({ document }) => {
  const charts: readonly (readonly [string, StateConfig])[] = [
    ["machine", document.machine],
    ...Object.entries(document.items ?? {}).map(
      ([collection, { machine }]) => [collection, machine] as const,
    ),
  ];
  const states = charts.flatMap(([chart, root]) => statesBelow(root, chart));

  const named: readonly Named[] = [
    { place: "title", text: document.title },
    { place: "description", text: document.description },
    ...states.map(({ place, state }) => ({ place, text: state.meta?.title })),
    ...titled("events", document.events),
    ...titled("items", document.items),
    ...titled("effects", document.effects),
    ...titled("jobs", document.jobs),
    ...(document.invariants ?? []).map(({ id, title }) => ({ place: id, text: title })),
    ...Object.entries(document.messages ?? {}).map(([place, text]) => ({ place, text })),
    ...charts
      .flatMap(([chart, root]) => reasonsIn(root, chart))
      .filter(({ event }) => document.events?.[event]?.by?.length !== 0),
  ];

  test("every state, event, message, rule and reason reads in Chinese and in English", () => {
    const missing = named.filter(({ text }) => {
      if (typeof text !== "object") return true;
      const { en, zh } = text;
      return en === undefined || zh === undefined || !sounds(en, false) || !sounds(zh, true);
    });
    expect(missing).toEqual([]);
  });

  test("both languages of a message tell the same facts", () => {
    for (const [key, text] of Object.entries(document.messages ?? {})) {
      if (typeof text === "string") throw new Error(`${key} has one language.`);
      const [zh, en] = [text["zh"] ?? "", text["en"] ?? ""].map((words) =>
        factsIn(words).toSorted(),
      );
      expect({ key, facts: zh }).toEqual({ key, facts: en });
    }
  });

  test("every state that time is spent in says who would pay for it", () => {
    const silent = states.filter(
      ({ place, state }) =>
        state.states === undefined &&
        state.meta?.value === undefined &&
        !(state.type === "final" && place.split(".").length === 2),
    );
    expect(silent.map(({ place }) => place)).toEqual([]);
  });

  test("every step of the process has a step of the seven", () => {
    const steps = new Set(states.flatMap(({ state }) => state.meta?.step ?? []));
    expect([...SEVEN]).toEqual(expect.arrayContaining([...steps]));
  });
});

const SEVEN = [
  "appointment",
  "reception",
  "diagnosis",
  "repair",
  "quality",
  "delivery",
  "followUp",
] as const;

/** Literal words are in the language; a text of placeholders alone is in any. */
function sounds(text: string, chinese: boolean): boolean {
  const words = splitPlaceholders(text).filter((piece) => typeof piece === "string");
  const literal = words.join("").trim();
  if (literal === "") return splitPlaceholders(text).length > 0;
  return HAN.test(literal) === chinese;
}

/** The fields that a text reads. Literals inside an expression are words of its language, not facts. */
function factsIn(text: string): readonly string[] {
  return splitPlaceholders(text).flatMap((piece) =>
    typeof piece === "string" ? [] : [piece.source.replace(/'[^']*'/g, "''")],
  );
}

function titled(
  place: string,
  map: { readonly [name: string]: { readonly title?: Text } } | undefined,
): readonly Named[] {
  return Object.entries(map ?? {}).map(([name, { title }]) => ({
    place: `${place}.${name}`,
    text: title,
  }));
}

function statesBelow(
  parent: StateConfig,
  path: string,
): readonly { readonly place: string; readonly state: StateConfig }[] {
  return Object.entries(parent.states ?? {}).flatMap(([key, state]) => [
    { place: `${path}.${key}`, state },
    ...statesBelow(state, `${path}.${key}`),
  ]);
}

/** Every guard that a person can run into, with its reason: guards before an unguarded way out only choose the way. */
function reasonsIn(
  state: StateConfig,
  path: string,
): readonly (Named & { readonly event: string })[] {
  const own = Object.entries(state.on ?? {}).flatMap(([event, transitions]) => {
    const list = [transitions].flat();
    const last = list.at(-1);
    if (last === undefined || typeof last === "string" || last.guard === undefined) return [];
    return [{ event, place: `${path} ${event}`, text: last.meta?.because }];
  });
  const inner = Object.entries(state.states ?? {}).flatMap(([key, child]) =>
    reasonsIn(child, `${path}.${key}`),
  );
  return [...own, ...inner];
}
