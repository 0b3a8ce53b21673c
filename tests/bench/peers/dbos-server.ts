/**
 * DBOS Transact running the same machine, in its two idioms. `living`: one workflow per order for all its life, which waits
 * for its events as messages and answers each by an event of its own. `per-event`: one workflow per event, whose single
 * step is a transaction on the order's own tables.
 */

import { DBOS } from "@dbos-inc/dbos-sdk";
import { initialTransition, transition } from "xstate";
import { orderData, xstateMachine } from "../step-definition.ts";
import { moveOrder, openOrders } from "./order-tables.ts";
import { idsOf, peerEnvironment } from "./peer-environment.ts";
import { servePeer, type PeerAnswer, type PeerEvent } from "./serve-peer.ts";

const CONNECTIONS = 16;
const A_YEAR_S = 365 * 86_400;

const { databaseUrl, port, orders } = peerEnvironment();
const isLiving = process.env["IDIOM"] === "living";
const machine = xstateMachine();
const [started] = initialTransition(machine, orderData);

interface Asked {
  readonly key: string;
  readonly event: PeerEvent;
}

/** Its state lives in its memory: it comes back by running again with the messages that it received. */
const visit = DBOS.registerWorkflow(
  async () => {
    let before = started;
    for (let revision = 2; ; revision += 1) {
      const asked = await DBOS.recv<Asked>("event", A_YEAR_S);
      if (asked === null) continue;
      if (!before.can(asked.event)) {
        await DBOS.setEvent(asked.key, 409);
        continue;
      }
      const [after] = transition(machine, before, asked.event);
      const { count } = after.context;
      await DBOS.writeStream("outbox", { revision, type: "notify", params: { count } });
      await DBOS.setEvent(asked.key, { revision, state: after.value });
      before = after;
    }
  },
  { name: "visit" },
);

async function tellVisit(id: string, event: PeerEvent): Promise<PeerAnswer> {
  const key = crypto.randomUUID();
  await DBOS.send(id, { key, event }, "event", key);
  return (await DBOS.getEvent<PeerAnswer>(id, key)) ?? 404;
}

const tables = isLiving ? null : await openOrders(databaseUrl, orders);
const onEvent = DBOS.registerWorkflow(
  (id: string, event: PeerEvent): Promise<PeerAnswer> =>
    DBOS.runStep(async () => (tables === null ? 404 : moveOrder(tables, id, event)), {
      name: "next",
    }),
  { name: "on-event" },
);

DBOS.setConfig({
  ...{ name: "bench", systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: CONNECTIONS },
  logLevel: "warn",
});
await DBOS.launch();
if (isLiving) {
  await Promise.all(idsOf(orders).map((id) => DBOS.startWorkflow(visit, { workflowID: id })()));
}
servePeer(port, isLiving ? tellVisit : onEvent);
