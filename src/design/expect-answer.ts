/** Compares what a scenario says a step gives with what it gave: refusal, effects, messages, and what may be sent next. */

import type { Json } from "../../machines/json.ts";
import type { Rejected } from "../../machines/order.ts";
import { renderMessage } from "../../machines/step/messages.ts";
import { clean, lacks, listed, mismatch, shown, type Mismatch } from "./mismatch.ts";
import type { Expectation } from "./scenario-schema.ts";
import type { Sight } from "./sight.ts";
import { firstLack } from "./subset.ts";

export function answerMismatches(then: Expectation, sight: Sight): readonly Mismatch[] {
  return [
    ...refusal(then, sight),
    ...effects(then, sight),
    ...messages(then, sight),
    ...choices(then, sight),
  ];
}

function refusal({ refused }: Expectation, { rejected }: Sight): readonly Mismatch[] {
  if (refused === undefined) {
    return rejected === null ? [] : [mismatch("accepted", "", "accepted", refusalText(rejected))];
  }
  const wanted = typeof refused === "string" ? { code: refused } : refused;
  if (rejected === null) return [mismatch("refused", "", wanted.code, "accepted")];
  const found: Json = {
    code: rejected.code,
    because: rejected.because ?? null,
    pointer: rejected.pointer ?? null,
  };
  const lack = firstLack(clean(wanted), found);
  if (lack === null) return [];
  if (lack.pointer === "/code") {
    return [mismatch("refused", "", wanted.code, refusalText(rejected))];
  }
  return [mismatch("refused", lack.pointer, shown(lack.expected), shown(lack.found))];
}

function effects({ effects: wanted }: Expectation, sight: Sight): readonly Mismatch[] {
  if (wanted === undefined) return [];
  const patterns = wanted.map((effect) => (typeof effect === "string" ? { type: effect } : effect));
  const found = sight.effects.map(({ type, item, params }) => ({
    type,
    ...(item === undefined ? {} : { item }),
    params: sight.open(params),
  }));
  if (
    patterns.length !== found.length ||
    patterns.some((pattern, index) => pattern.type !== found[index]?.type)
  ) {
    const types = (list: readonly { readonly type: string }[]) =>
      `[${list.map(({ type }) => type).join(", ")}]`;
    return [mismatch("effects", "", types(patterns), types(found))];
  }
  return patterns.flatMap((pattern, index) =>
    lacks("effects", `/${index}`, clean(pattern), found[index] ?? null),
  );
}

function messages({ message }: Expectation, sight: Sight): readonly Mismatch[] {
  return Object.entries(message ?? {}).flatMap(([language, wanted]) => {
    const texts = sight.effects
      .map((effect) => renderMessage(sight.executable, effect, language))
      .filter((text) => text !== null)
      .map((text) => sight.open(text))
      .map((text) => (typeof text === "string" ? text : JSON.stringify(text)));
    return listed(wanted)
      .filter((part) => !texts.some((text) => text.includes(part)))
      .map((part) => mismatch("message", language, part, texts.join(" | ") || "none"));
  });
}

function choices(then: Expectation, sight: Sight): readonly Mismatch[] {
  if (sight.order === null) return [];
  if (then.enabled === undefined && then.blocked === undefined) return [];
  const found = sight.choices();
  const missing = (
    aspect: "enabled" | "blocked",
    all: readonly { readonly event: string; readonly item?: string; readonly because?: string }[],
  ): readonly Mismatch[] =>
    (then[aspect] ?? [])
      .map((wanted) => (typeof wanted === "string" ? { event: wanted } : wanted))
      .filter(
        (wanted) =>
          !all.some(
            (choice) =>
              choice.event === wanted.event &&
              sameItem(wanted.item, choice.item) &&
              (wanted.because === undefined || wanted.because === choice.because),
          ),
      )
      .map((wanted) =>
        mismatch(aspect, "", shown(clean(wanted)), all.map(choiceText).join(", ") || "none"),
      );
  return [...missing("enabled", found.enabled), ...missing("blocked", found.blocked)];
}

function sameItem(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found || found?.endsWith(`/${wanted}`) === true;
}

export function choiceText(choice: { readonly event: string; readonly item?: string }): string {
  return choice.item === undefined ? choice.event : `${choice.event} (${choice.item})`;
}

function refusalText({ code, detail, because }: Rejected): string {
  return `${code}: ${detail}${because === undefined ? "" : ` [${because}]`}`;
}
