/** History entries and their verification as they leave the server. */

import { z } from "@hono/zod-openapi";
import { digest, instantAnswer, jsonObject, stateBefore, stateValue } from "./common.ts";
import { timer } from "./work-order.ts";

export const historyEntry = z
  .object({
    revision: z.int().positive(),
    at: instantAnswer,
    type: z.string(),
    payload: jsonObject,
    actor: z.object({ sub: z.string(), role: z.string() }),
    before: stateBefore,
    after: stateValue,
    effects: z.array(
      z.looseObject({ type: z.string(), item: z.string().optional(), params: jsonObject }),
    ),
    timers: z.object({ set: z.array(timer), cancelled: z.array(z.string()) }),
    digest,
    prevHash: digest,
    hash: digest,
  })
  .openapi("HistoryEntry");

export const verification = z
  .object({
    verified: z.boolean(),
    entries: z.int().nonnegative(),
    firstDivergence: z
      .object({
        revision: z.int(),
        field: z.string(),
        expected: z.string(),
        found: z.string(),
      })
      .nullable(),
  })
  .openapi("Verification");
