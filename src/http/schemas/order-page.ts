/** A page of a list that needs orders: one that is damaged is told of beside the others, and keeps none of them back. */

import { z } from "@hono/zod-openapi";
import { pageOf } from "./common.ts";
import { problemSchema } from "./problem.ts";

export function pageOfOrders<Item extends z.ZodType>(item: Item) {
  return pageOf(item).extend({
    damaged: z
      .array(problemSchema)
      .optional()
      .openapi({
        description:
          "orders that belong here and can't be given, because what is stored of them was altered: a problem of each, " +
          "`order` names it; absent: there are none",
      }),
  });
}
