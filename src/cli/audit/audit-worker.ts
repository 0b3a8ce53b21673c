/** A thread that audits orders on a connection of its own, some at once, so that the database and the processor both work. */

import { parentPort } from "node:worker_threads";
import { z } from "zod";
import { auditOrders } from "../../runtime/auditing/audit-orders.ts";
import { readEnvironment } from "../environment.ts";
import { ownDatabase } from "../own-database.ts";
import type { FromAuditor } from "./auditors.ts";

const task = z.object({
  orders: z.array(z.object({ id: z.string(), revision: z.number(), updatedAt: z.number() })),
  checkpoint: z.object({ time: z.number() }).nullable(),
});

const say = (message: FromAuditor): void => {
  // Copied, with nothing handed over.
  parentPort?.postMessage(message, []);
};

const database = ownDatabase(readEnvironment(process.env));

parentPort?.on("message", (message: unknown) => {
  void audited(message).catch((error: unknown) => {
    say({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});

async function audited(message: unknown): Promise<void> {
  if (message === "end") {
    await (await database).close();
    parentPort?.close();
    return;
  }
  const { orders, checkpoint } = task.parse(message);
  say({ kind: "audited", audited: await auditOrders(await database, orders, checkpoint) });
}
