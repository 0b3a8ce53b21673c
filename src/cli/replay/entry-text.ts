/** One entry of a history in words: who did what, where the order went, and all that changed with it. */

import { textIn } from "../../../machines/document/text.ts";
import { renderMessage } from "../../../machines/step/messages.ts";
import type { Chart } from "../../../machines/compile/executable.ts";
import type { Effect, Job, StateValue, Timer } from "../../../machines/order.ts";
import type { Change } from "../../audit/changes.ts";
import type { ItemChange, Retold } from "../../audit/retold.ts";
import { paint, type Paint } from "../../design/paint.ts";
import { titleOf } from "../../runtime/position.ts";
import { padded } from "../demo/width.ts";
import type { CliLanguage } from "../words.ts";
import { shown, shownJson } from "./shown.ts";
import { REPLAY_WORDS, type ReplayWords } from "./words.ts";

export interface Look {
  readonly language: CliLanguage;
  readonly colour: boolean;
}

/** A label and what stands beside it. */
export type Row = readonly [label: string, text: string];

const LABEL_COLUMNS = 12;

/** Lines without their ends; nothing in them but our own colours moves a terminal's cursor. */
export function entryLines(told: Retold, look: Look): readonly string[] {
  const { faint, strong } = paint(look.colour);
  const { entry } = told;
  const head = `${strong(`#${entry.revision}`)}  ${instantText(entry.at)}  ${strong(titleLine(told, look))}`;
  return [head, ...rowLines(rowsOf(told, look), faint)];
}

export function rowLines(rows: readonly Row[], faint: Paint["faint"]): readonly string[] {
  let before = "";
  return rows.map(([label, text]) => {
    const named = label === before ? "" : label;
    before = label;
    return `    ${faint(padded(named, LABEL_COLUMNS))}${text}`;
  });
}

/** As it is stored, easier on the eye. */
export function instantText(at: string): string {
  return shown(at.replace("T", " "));
}

/** The event's type, and its title where the definition or we have one. */
function titleLine({ entry, executable }: Retold, { language }: Look): string {
  const { type } = entry;
  const known = REPLAY_WORDS[language].types;
  const own = Object.hasOwn(known, type) ? (known[type] ?? type) : type;
  const title = textIn(executable.events.get(type)?.title ?? undefined, language, own);
  return shown(title === type ? type : `${type} · ${title}`);
}

function rowsOf(told: Retold, look: Look): readonly Row[] {
  const words = REPLAY_WORDS[look.language];
  const { entry, executable, payload, timers } = told;
  const { sub, role, centre } = entry.actor;
  const changed: readonly Row[] = [
    ...stateRow(told, words, look.language),
    ...told.changes.map((change): Row => [words.data, changeText(change, look)]),
    ...told.items.flatMap((item) => itemRows(item, words, look)),
    ...(timers.fired === null
      ? []
      : [[words.timer, timerText(words.fired, timers.fired, words)] as const]),
    ...timers.set.map((timer): Row => [words.timer, timerText(words.set, timer, words)]),
    ...timers.cancelled.map((timer): Row => [
      words.timer,
      timerText(words.cancelled, timer, words),
    ]),
    ...jobRows(told, words),
    ...told.effects.map((effect): Row => [words.effect, effectText(told, effect, look.language)]),
  ];
  return [
    [words.by, shown(`${sub} (${centre === null ? role : `${role}, ${centre}`})`)],
    ...(told.left?.digest === executable.digest ? [] : [underRow(told, words)]),
    ...(Object.keys(payload).length === 0 ? [] : [[words.sent, shownJson(payload)] as const]),
    ...(changed.length === 0 ? [[words.state, words.nothing] as const] : changed),
    [words.hash, told.hash],
  ];
}

/** Said where it is another than before. */
function underRow({ left, executable }: Retold, words: ReplayWords): Row {
  const [from, to] = [left, executable].map((each) => `${each?.process} ${each?.version}`);
  return [words.definition, shown(left === null ? `${to}` : `${from} → ${to}`)];
}

/** Names of states are those of the definition that they belong to. */
function stateRow(
  { entry: { before, after }, left, executable }: Retold,
  words: ReplayWords,
  language: CliLanguage,
): readonly Row[] {
  const to = stateText(executable.order, after, language);
  if (before === null || left === null) return [[words.state, `→ ${to}`]];
  const isNew = left.digest !== executable.digest;
  if (!isNew && JSON.stringify(before) === JSON.stringify(after)) return [];
  return [[words.state, `${stateText(left.order, before, language)} → ${to}`]];
}

/** The titles, and the path by which the definition knows it where they say something else. */
export function stateText(chart: Chart, value: StateValue, language: CliLanguage): string {
  const path = pathText(value);
  const title = textIn(titleOf(chart, value), language, path);
  return shown(title === path ? path : `${title} [${path}]`);
}

/** `quality.peerCheck`; regions of a parallel state in parentheses. */
export function pathText(value: StateValue): string {
  if (typeof value === "string") return value;
  const parts = Object.entries(value).map(([key, inner]) => {
    const below = pathText(inner);
    return below === "" ? key : `${key}.${below}`;
  });
  return parts.length > 1 ? `(${parts.join(", ")})` : parts.join("");
}

function itemRows({ item, before, after, changes }: ItemChange, words: ReplayWords, look: Look) {
  const from = before === null ? "" : `${pathText(before)} `;
  const to = pathText(after);
  const moved = from === `${to} ` ? "" : ` ${from}→ ${to}`;
  return [
    [words.item, shown(`${item}${moved}`)] as const,
    ...changes.map((change): Row => [words.item, `  ${changeText(change, look)}`]),
  ];
}

function changeText({ pointer, before, after }: Change, { colour }: Look): string {
  const { good, bad, doubt } = paint(colour);
  const place = shown(pointer === "" ? "/" : pointer);
  if (before === undefined) return `${good("+")} ${place} ${shownJson(after ?? null)}`;
  if (after === undefined) return `${bad("-")} ${place} ${shownJson(before)}`;
  return `${doubt("~")} ${place} ${shownJson(before)} → ${shownJson(after)}`;
}

function timerText(what: string, { item, state, after, dueAt }: Timer, words: ReplayWords): string {
  const owner = item === undefined ? "" : `${item} `;
  return shown(
    `${what}: ${owner}${state} ${words.after} ${after}, ${words.due} ${instantText(dueAt)}`,
  );
}

function jobRows({ entry, jobs }: Retold, words: ReplayWords): readonly Row[] {
  const text = (what: string, { type, state, item }: Job): Row => [
    words.job,
    shown(`${what}: ${type} (${item === undefined ? state : `${item} ${state}`})`),
  ];
  const end = entry.type === "job.failed" ? words.failed : words.completed;
  return [
    ...(jobs.ended === null ? [] : [text(end, jobs.ended)]),
    ...jobs.opened.map((job) => text(words.opened, job)),
    ...jobs.withdrawn.map((job) => text(words.withdrawn, job)),
  ];
}

/** What the customer read, where the effect is a message. */
function effectText({ executable }: Retold, effect: Effect, language: CliLanguage): string {
  const { type, item, params } = effect;
  const whose = item === undefined ? type : `${type} (${item})`;
  const message = renderMessage(executable, effect, language);
  return shown(message === null ? `${whose} ${JSON.stringify(params)}` : `${whose} “${message}”`);
}
