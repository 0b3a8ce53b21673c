/** An object-centric event log (OCEL 2.0) as it is answered. */

import { z } from "@hono/zod-openapi";
import { instantAnswer } from "./common.ts";

const relationships = z.array(z.object({ objectId: z.string(), qualifier: z.string() }));
const attribute = z.object({ name: z.string(), value: z.string() });

const types = z.array(
  z.object({
    name: z.string(),
    attributes: z.array(
      z.object({
        name: z.string(),
        type: z.enum(["string", "time", "integer", "float", "boolean"]),
      }),
    ),
  }),
);

export const eventLog = z
  .object({
    events: z.array(
      z.object({
        id: z.string().openapi({ description: "the order's id, a slash, and the revision" }),
        type: z.string(),
        time: instantAnswer,
        attributes: z.array(attribute),
        relationships,
      }),
    ),
    objects: z.array(
      z.object({
        id: z.string(),
        type: z.string().openapi({ example: "work-order" }),
        attributes: z.array(attribute.extend({ time: instantAnswer })),
        relationships,
      }),
    ),
    eventTypes: types,
    objectTypes: types,
  })
  .openapi("EventLog");
