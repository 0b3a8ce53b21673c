/** The tasks of an order as sets of places, told two ways: by what was opened and closed, and by the snapshot alone. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { OrderSnapshot } from "../../machines/order.ts";
import { openPlaces } from "../../src/runtime/open-tasks.ts";
import type { TaskPlace } from "../../src/store/contracts/tasks.ts";

export function placesOf(tasks: readonly TaskPlace[]): readonly string[] {
  return tasks.map(({ item, state }) => `${item ?? ""} ${state}`).toSorted();
}

export function openIn(executable: Executable, snapshot: OrderSnapshot): readonly string[] {
  const places = openPlaces(executable, snapshot).map(({ place }) => place);
  return placesOf(places.map(({ item = null, state }) => ({ item, state })));
}
