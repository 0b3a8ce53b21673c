/** Threads among which the orders of an audit are shared out; each takes the next few when it has done its last. */

import { Worker } from "node:worker_threads";
import type { AuditPorts } from "../../runtime/auditing/audit-period.ts";
import type { AuditedOrder, ToAudit } from "../../runtime/auditing/audit-order.ts";

export type FromAuditor =
  | { readonly kind: "audited"; readonly audited: readonly AuditedOrder[] }
  | { readonly kind: "failed"; readonly message: string };

export interface Auditors {
  readonly audit: AuditPorts["audit"];
  readonly close: () => Promise<void>;
}

/** So many that a thread seldom waits for its next, and few enough that none is left with a page's rest. */
const SHARE = 16;

/** A file of this very kind: `.ts` as it is written, `.js` once the package was built. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const FILE = new URL(`./audit-worker.${EXTENSION}`, import.meta.url);

export function createAuditors(threads: number): Auditors {
  const workers = Array.from({ length: threads }, () => new Worker(FILE));
  return {
    audit: async (orders, checkpoint) => {
      const shares = sharesOf(orders);
      const results = new Map<number, readonly AuditedOrder[]>();
      let next = 0;
      const serve = async (worker: Worker): Promise<void> => {
        for (let at = next; at < shares.length; at = next) {
          next += 1;
          results.set(at, await asked(worker, { orders: shares[at] ?? [], checkpoint }));
        }
      };
      await Promise.all(workers.map(serve));
      return shares.flatMap((_, at) => results.get(at) ?? []);
    },
    close: async () => {
      await Promise.all(workers.map(ended));
    },
  };
}

function sharesOf(orders: readonly ToAudit[]): readonly (readonly ToAudit[])[] {
  const slim = orders.map(({ id, revision, updatedAt }) => ({ id, revision, updatedAt }));
  const shares: (readonly ToAudit[])[] = [];
  for (let from = 0; from < slim.length; from += SHARE) shares.push(slim.slice(from, from + SHARE));
  return shares;
}

function asked(worker: Worker, task: object): Promise<readonly AuditedOrder[]> {
  return new Promise((resolve, reject) => {
    const hear = (message: FromAuditor): void => {
      worker.off("error", fail).off("exit", vanish);
      if (message.kind === "audited") resolve(message.audited);
      else reject(new Error(message.message));
    };
    const fail = (error: unknown): void => {
      worker.off("message", hear);
      reject(error instanceof Error ? error : new Error("an auditing thread failed"));
    };
    const vanish = (): void => fail(new Error("an auditing thread ended before its answer"));
    worker.once("message", hear).once("error", fail).once("exit", vanish);
    worker.postMessage(task, []);
  });
}

async function ended(worker: Worker): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.postMessage("end", []);
  await gone;
}
