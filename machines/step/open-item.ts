/** Opens an item: gives it its id and data, and enters its chart's initial states. */

import type { Conductor } from "../chart/moment.ts";
import type { ItemSpec } from "../compile/executable.ts";
import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { StepFailure } from "./failure.ts";
import type { LiveItem, Run } from "./run.ts";
import { contextOf, itemsIn } from "./run.ts";

/** Upper bound of items that one step opens. */
const MAX_OPENED = 1_000;
/** Upper bound of items that are entered one inside the other: each level takes its part of the call stack. */
const MAX_OPENING = 16;

/**
 * @param value an object with the item's data, or a text that is its id
 * @throws {StepFailure} `step-unbounded`, `item-exists`, `item-unknown`, `data-invalid`
 */
export function openItem(
  run: Run,
  collection: string,
  value: Json,
  givenId: Json,
  conductor: Conductor,
): void {
  const spec = run.executable.items.get(collection);
  if (spec === undefined) throw new Error(`no collection ${collection}`);
  const siblings = itemsIn(run, collection);
  countOpened(run, collection);
  const id = idOf(spec, value, givenId, siblings.length);
  if (siblings.some((sibling) => sibling.id === id)) {
    throw new StepFailure(
      "item-exists",
      `Expected a new item in ${collection}, found one with the id "${id}" already.`,
    );
  }
  const data = dataOf(spec, value, id);
  const item: LiveItem = { collection, id, stored: null, live: null, data, view: null };
  siblings.push(item);
  run.opening += 1;
  item.live = spec.chart.machine.start(contextOf(run, item, conductor));
  run.opening -= 1;
  item.data = item.live.data;
  item.view = null;
  run.moved.set(`${collection}/${id}`, [null, item.live.value]);
}

/** A step that fails is thrown away whole, so neither count has to be set back. */
function countOpened(run: Run, collection: string): void {
  run.opened += 1;
  if (run.opened <= MAX_OPENED && run.opening < MAX_OPENING) return;
  throw new StepFailure(
    "step-unbounded",
    `Expected the step to come to rest, found more than ${MAX_OPENED} items opened, or ${MAX_OPENING} by one another as they were entered, the last in ${collection}. Look for an \`open\` that leads to itself.`,
  );
}

function idOf(spec: ItemSpec, value: Json, givenId: Json, count: number): string {
  const named =
    givenId ?? (isJsonObject(value) ? (value["id"] ?? value[spec.key]) : value) ?? `${count + 1}`;
  if (typeof named === "string" && named !== "" && named.length <= MAX_ID_LENGTH) {
    // An id stands in columns of its own, and Postgres keeps no U+0000 in a text.
    if (!named.includes("\0")) return named;
  }
  throw new StepFailure(
    "item-unknown",
    `Expected a text of 1 to ${MAX_ID_LENGTH} characters, none of them U+0000, as the id of a new item in ${spec.collection}, found ${JSON.stringify(named)}.`,
  );
}

const MAX_ID_LENGTH = 128;

function dataOf(spec: ItemSpec, value: Json, id: string): JsonObject {
  const given = isJsonObject(value) ? { ...value } : {};
  // The id stands beside the data; it is in the data too only where the item's schema asks for it.
  const { properties } = isJsonObject(spec.data.schema) ? spec.data.schema : {};
  for (const key of ["id", spec.key]) {
    if (given[key] === id && !(isJsonObject(properties) && Object.hasOwn(properties, key)))
      delete given[key];
  }
  const data = spec.data.withDefaults(given);
  const errors = spec.data.sealed(data);
  if (errors.length === 0) return data;
  throw new StepFailure(
    "data-invalid",
    `Expected the data that an item in ${spec.collection} declares; found other.`,
    { errors },
  );
}
