/**
 * What a careful team writes first: Hono, zod, XState and one Postgres transaction per event, which locks the order, steps
 * it, and writes its state, its history and its outbox. Pooled, with prepared statements.
 */

import { moveOrder, openOrders } from "./order-tables.ts";
import { peerEnvironment } from "./peer-environment.ts";
import { servePeer } from "./serve-peer.ts";

const { databaseUrl, port, orders } = peerEnvironment();
const tables = await openOrders(databaseUrl, orders);
servePeer(port, (id, event) => moveOrder(tables, id, event));
