/** Why an order does not take an event, in words: the document's own where it has them, else a sentence by the kind. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Text } from "../../machines/document/document.ts";
import { textIn } from "../../machines/document/text.ts";
import type { BlockedEvent, EnabledEvent, Order, Rejected } from "../../machines/order.ts";
import { inEveryLanguage, type Language } from "./languages.ts";
import { titleOf } from "./position.ts";

export function eventTitle(executable: Executable, event: string): Text {
  return executable.events.get(event)?.title ?? event;
}

/** Why a choice is blocked. */
export function whyBlocked(executable: Executable, choice: BlockedEvent): Text {
  switch (choice.refuses) {
    case "role":
      return byRole(executable, choice.event);
    case "separation":
      return bySeparation(executable, choice.event, choice.pointer);
    case "guard":
      return choice.words ?? byGuard(executable, choice.event, choice.because);
  }
}

/** On what it depends whether an enabled event is taken; null when on nothing. */
export function whyConditional({ when, words }: EnabledEvent): Text | null {
  if (when === undefined) return null;
  return words ?? inEveryLanguage((language) => SENTENCES[language].condition(when));
}

/**
 * Why an event was refused; null when the refusal's `detail` is all there is to say.
 * @param order as it was when it refused
 */
export function whyRefused(
  executable: Executable,
  order: Order,
  event: string,
  { code, pointer, because, words }: Rejected,
): Text | null {
  if (words !== undefined) return words;
  switch (code) {
    case "role-not-allowed":
      return byRole(executable, event);
    case "separation-violated":
      return bySeparation(executable, event, pointer ?? "");
    case "invariant-violated":
      return byInvariant(executable, event, pointer ?? "");
    case "event-unknown":
      return inEveryLanguage((language) =>
        SENTENCES[language].unknown(event, `${executable.process} ${executable.version}`),
      );
    case "event-not-enabled":
      return because === undefined
        ? byState(executable, order, event)
        : byGuard(executable, event, because);
    default:
      return null;
  }
}

function byRole(executable: Executable, event: string): Text {
  const by = executable.events.get(event)?.by ?? executable.roles;
  return inEveryLanguage((language) => {
    const title = said(eventTitle(executable, event), language, event);
    const { role, nobody } = SENTENCES[language];
    return by.length === 0 ? nobody(title) : role(title, by);
  });
}

function bySeparation(executable: Executable, event: string, pointer: string): Text {
  const rule = executable.separation.find((each) => each.pointer === pointer);
  return inEveryLanguage((language) => {
    const others = (rule?.notBy ?? []).map((type) =>
      said(eventTitle(executable, type), language, type),
    );
    const title = said(eventTitle(executable, event), language, event);
    return SENTENCES[language].separation(title, others);
  });
}

function byInvariant(executable: Executable, event: string, pointer: string): Text {
  const index = executable.invariants.findIndex((each) => each.pointer === pointer);
  const invariant = executable.document.invariants?.[index];
  return inEveryLanguage((language) => {
    const title = said(eventTitle(executable, event), language, event);
    const rule = textIn(invariant?.title, language, invariant?.id ?? "");
    return SENTENCES[language].invariant(title, rule);
  });
}

function byGuard(executable: Executable, event: string, guard: string): Text {
  return inEveryLanguage((language) =>
    SENTENCES[language].guard(said(eventTitle(executable, event), language, event), guard),
  );
}

function byState(executable: Executable, { snapshot }: Order, event: string): Text {
  const place = titleOf(executable.order, snapshot.value);
  return inEveryLanguage((language) => {
    const title = said(eventTitle(executable, event), language, event);
    return SENTENCES[language].state(title, said(place, language, ""));
  });
}

function said(text: Text, language: Language, fallback: string): string {
  return textIn(text, language, fallback);
}

interface Sentences {
  readonly role: (event: string, roles: readonly string[]) => string;
  readonly nobody: (event: string) => string;
  readonly separation: (event: string, others: readonly string[]) => string;
  readonly invariant: (event: string, rule: string) => string;
  readonly guard: (event: string, guard: string) => string;
  readonly state: (event: string, place: string) => string;
  readonly condition: (guard: string) => string;
  readonly unknown: (event: string, process: string) => string;
}

const OR = {
  en: new Intl.ListFormat("en-GB", { type: "disjunction" }),
  zh: new Intl.ListFormat("zh", { type: "disjunction" }),
} as const satisfies Readonly<Record<Language, Intl.ListFormat>>;

const SENTENCES = {
  en: {
    role: (event, roles) => `Only ${OR.en.format(roles)} may send “${event}”.`,
    nobody: (event) => `“${event}” comes from the process itself; nobody may send it.`,
    separation: (event, others) =>
      `“${event}” is for somebody else than who did ${OR.en.format(quoted(others))} on this order.`,
    invariant: (event, rule) => `“${event}” would break a rule of the process: ${rule}.`,
    guard: (event, guard) =>
      `“${event}” is not possible: the process asks for what does not hold, ${guard.slice(1).trim()}.`,
    state: (event, place) => `“${event}” is not possible now: the order stands at “${place}”.`,
    condition: (guard) => `It depends on what is sent with it: ${guard.slice(1).trim()}.`,
    unknown: (event, process) =>
      `Expected an event of ${process}, found "${event}": send one that is \`enabled\`.`,
  },
  zh: {
    role: (event, roles) => `只有 ${OR.zh.format(roles)} 可以执行“${event}”。`,
    nobody: (event) => `“${event}”由流程自身触发，任何人都不能发送。`,
    separation: (event, others) =>
      `“${event}”须由未在本工单执行过${OR.zh.format(quoted(others))}的人来做。`,
    invariant: (event, rule) => `“${event}”将违反流程规则：${rule}。`,
    guard: (event, guard) => `“${event}”不可行：流程要求的条件未满足，${guard.slice(1).trim()}。`,
    state: (event, place) => `“${event}”现在不可行：工单处于“${place}”。`,
    condition: (guard) => `取决于随之提交的内容：${guard.slice(1).trim()}。`,
    unknown: (event, process) => `${process} 没有事件“${event}”：请发送 \`enabled\` 中的事件。`,
  },
} as const satisfies Readonly<Record<Language, Sentences>>;

function quoted(names: readonly string[]): readonly string[] {
  return names.map((name) => `“${name}”`);
}
