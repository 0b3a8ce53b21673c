/**
 * What a team writes first: Hono, zod, XState and one Postgres transaction per event, which locks the order, steps it, and
 * writes its state, its history and its outbox. With CARE=careful, what it makes of it later: see `Care`.
 */

import { moveOrder, openOrders } from "./order-tables.ts";
import { peerEnvironment } from "./peer-environment.ts";
import { servePeer } from "./serve-peer.ts";

const { databaseUrl, port, orders } = peerEnvironment();
const care = process.env["CARE"] === "careful" ? "careful" : "defaults";
const tables = await openOrders(databaseUrl, orders, care);
servePeer(port, (id, event) => moveOrder(tables, id, event));
