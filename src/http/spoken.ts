/** Puts what the engine says in every language into the one that the caller asked for. */

import type { Context } from "hono";
import { textIn } from "../../machines/document/text.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type { Language } from "../runtime/languages.ts";
import type { Refused } from "../runtime/refusal.ts";
import type { Task } from "../runtime/task.ts";
import type { BlockedAnswer, EnabledAnswer, WorkOrder } from "../runtime/work-order.ts";
import { say } from "./answer.ts";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { languageOf } from "./language.ts";

/** The language of this answer; the answer says that it is in it. */
export function speaking(c: Context<HttpEnv>): Language {
  const language = languageOf(headerOf(c, "accept-language"));
  say(c, "Content-Language", language);
  return language;
}

export function spokenOrder(order: WorkOrder, language: Language) {
  return {
    ...order,
    stateTitle: textIn(order.stateTitle, language, ""),
    enabled: order.enabled.map((choice) => spokenEnabled(choice, language)),
    blocked: order.blocked.map((choice) => spokenBlocked(choice, language)),
  };
}

export function spokenTask(task: Task, language: Language) {
  return {
    ...task,
    title: textIn(task.title, language, task.state),
    events: task.events.map((choice) => spokenEnabled(choice, language)),
  };
}

/** What a problem document says of a refusal, beside its code. */
export function spokenRefusal(
  refused: Refused,
  language: Language,
): { readonly detail: string; readonly more: JsonObject } {
  const { kind: _kind, code: _code, detail, words, enabled, blocked, ...more } = refused;
  return {
    detail: textIn(words, language, detail),
    more: toJson({
      ...more,
      enabled: enabled?.map((choice) => spokenEnabled(choice, language)),
      blocked: blocked?.map((choice) => spokenBlocked(choice, language)),
    }),
  };
}

function spokenEnabled(choice: EnabledAnswer, language: Language) {
  const { title, whenWhy, event } = choice;
  return {
    ...choice,
    title: textIn(title, language, event),
    ...(whenWhy === undefined ? {} : { whenWhy: textIn(whenWhy, language, choice.when ?? "") }),
  };
}

function spokenBlocked(choice: BlockedAnswer, language: Language) {
  const { title, why, because, event } = choice;
  return {
    ...choice,
    title: textIn(title, language, event),
    why: textIn(why, language, because),
  };
}

/** What a refusal carries is plain data; members that are absent are left out. */
function toJson(more: object): { readonly [member: string]: Json } {
  const value: unknown = JSON.parse(JSON.stringify(more));
  return isJsonObject(value) ? value : {};
}
