/** The whole order as it was after an entry, under the definition of that day. */

import type { Retold } from "../../audit/retold.ts";
import { changesBetween } from "../../audit/changes.ts";
import { paint } from "../../design/paint.ts";
import type { JsonObject } from "../../../machines/json.ts";
import { instantText, rowLines, stateText, type Look, type Row } from "./entry-text.ts";
import { shown, shownJson } from "./shown.ts";
import { REPLAY_WORDS } from "./words.ts";

/** @param opened gives data with what was disclosed of it */
export function orderLines(
  { executable, order }: Retold,
  look: Look,
  opened: (value: JsonObject) => JsonObject,
): readonly string[] {
  const words = REPLAY_WORDS[look.language];
  const { snapshot, identity, revision, at } = order;
  const rows: readonly Row[] = [
    [words.order, shown(identity.id)],
    [words.definition, shown(`${executable.process} ${executable.version}, ${order.digest}`)],
    [words.status, statusText(snapshot, words.outcome)],
    [words.state, stateText(executable.order, snapshot.value, look.language)],
    ...dataRows(words.data, opened(snapshot.data)),
    ...Object.entries(snapshot.items).flatMap(([collection, members]) =>
      members.flatMap(({ id, value, data }): readonly Row[] => [
        [words.item, shown(`${collection}/${id} ${JSON.stringify(value)}`)],
        ...dataRows(words.item, opened(data), "  "),
      ]),
    ),
    ...snapshot.timers.map(({ item, state, after, dueAt }): Row => [
      words.timer,
      shown(
        `${item === undefined ? "" : `${item} `}${state} ${words.after} ${after}, ${words.due} ${instantText(dueAt)}`,
      ),
    ]),
    ...snapshot.jobs.map(({ type, state, input }): Row => [
      words.job,
      shown(`${type} (${state}) ${JSON.stringify(input)}`),
    ]),
  ];
  const { faint, strong } = paint(look.colour);
  const head = `${strong(`#${revision}`)}  ${instantText(at)}  ${strong(words.asItWas)}`;
  return [head, ...rowLines(rows, faint)];
}

function statusText({ status, outcome }: Retold["order"]["snapshot"], word: string): string {
  return outcome === null ? status : shown(`${status}, ${word} ${outcome}`);
}

/** A row for each place that holds a value. */
function dataRows(label: string, data: JsonObject, indent = ""): readonly Row[] {
  return changesBetween({}, data).map(({ pointer, after }): Row => [
    label,
    `${indent}${shown(pointer)} ${shownJson(after ?? null)}`,
  ]);
}
