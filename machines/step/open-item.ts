/** Opens an item: gives it its id and data, and enters its chart's initial states. */

import type { Conductor } from "../chart/moment.ts";
import type { ItemSpec } from "../compile/executable.ts";
import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { StepFailure } from "./failure.ts";
import type { LiveItem, Run } from "./run.ts";
import { contextOf } from "./run.ts";

/** @param value an object with the item's data, or a text that is its id */
export function openItem(
  run: Run,
  collection: string,
  value: Json,
  givenId: Json,
  conductor: Conductor,
): void {
  const spec = run.executable.items.get(collection);
  const siblings = run.items.get(collection);
  if (spec === undefined || siblings === undefined) throw new Error(`no collection ${collection}`);
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
  item.live = spec.chart.machine.start(contextOf(run, item, conductor));
  item.data = item.live.data;
  item.view = null;
  run.moved.set(`${collection}/${id}`, [null, item.live.value]);
}

function idOf(spec: ItemSpec, value: Json, givenId: Json, count: number): string {
  const named =
    givenId ?? (isJsonObject(value) ? (value["id"] ?? value[spec.key]) : value) ?? `${count + 1}`;
  if (typeof named === "string" && named !== "" && named.length <= MAX_ID_LENGTH) return named;
  throw new StepFailure(
    "item-unknown",
    `Expected a text of 1 to ${MAX_ID_LENGTH} characters as the id of a new item in ${spec.collection}, found ${JSON.stringify(named)}.`,
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
