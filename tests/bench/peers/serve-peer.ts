/** The HTTP side of every peer that has none of its own, the same for all: Hono, zod, one route. */

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";

export interface PeerEvent {
  readonly type: "NEXT";
  readonly amount: number;
}

/** The order after the event; a status when it was refused. */
export type PeerAnswer = object | 404 | 409;

const eventSchema = z.strictObject({ type: z.literal("NEXT"), amount: z.number() });
const idSchema = z.uuid();

/** Says `ready` to whoever started the process. */
export function servePeer(
  port: number,
  handle: (id: string, event: PeerEvent) => Promise<PeerAnswer>,
): void {
  const app = new Hono();
  app.post("/orders/:id/events", async (c) => {
    const id = idSchema.parse(c.req.param("id"));
    const answer = await handle(id, eventSchema.parse(await c.req.json()));
    if (typeof answer === "number") return c.body(null, answer);
    // As ours does for who asks so.
    return c.req.header("prefer") === "return=minimal" ? c.body(null, 204) : c.json(answer);
  });
  serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => process.send?.("ready"));
}
