/** Which events of a definition are addressed to an item, read from its source alone. */

import { parse } from "yaml";
import { z } from "zod";
import type { Walker } from "../audit/export/walked.ts";
import type { Addressed } from "./counts.ts";

const document = z.object({
  events: z.record(z.string(), z.object({ item: z.string().optional() })),
  items: z.record(z.string(), z.object({ key: z.string() })).default({}),
});

export function addressedIn(walkers: readonly Walker[]): readonly Addressed[] {
  return walkers.flatMap(({ source }) => {
    const { events, items } = document.parse(parse(source));
    return Object.entries(events).flatMap(([type, { item: collection }]) => {
      const key = collection === undefined ? undefined : items[collection]?.key;
      return collection === undefined || key === undefined ? [] : [{ type, collection, key }];
    });
  });
}
