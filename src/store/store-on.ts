/** The store on an open database: every promise of `Store`, whichever database it is. */

import { change } from "./change.ts";
import { contextOf, readClock, type Context } from "./context.ts";
import type { Database } from "./database.ts";
import { deliverMessage } from "./deliver-message.ts";
import { createGroupChange } from "./group/group-change.ts";
import { migrate } from "./migrate.ts";
import { once } from "./once.ts";
import type { Ports, Store } from "./store.ts";
import { deliveriesOn } from "./tables/deliveries.ts";
import { apiKeysOn } from "./tables/api-keys.ts";
import { archiveOn } from "./tables/archive.ts";
import { backlog } from "./tables/backlog.ts";
import { readBesideOn } from "./tables/beside-history.ts";
import { definitionsOn } from "./tables/definitions.ts";
import { forgetRecords, takeKey } from "./tables/idempotency.ts";
import { feedOn } from "./tables/feed.ts";
import { incidentsOn } from "./tables/incidents.ts";
import { jobsOn } from "./tables/jobs.ts";
import { keystoreBondOn } from "./tables/keystore.ts";
import { merkleLogOn } from "./tables/merkle-log.ts";
import { messagesOn } from "./tables/messages.ts";
import { ordersOn } from "./tables/order-reads.ts";
import { outboxOn } from "./tables/outbox.ts";
import { personsOn } from "./tables/persons.ts";
import { reservationsOn } from "./tables/reservations.ts";
import { sealedOn } from "./tables/sealed.ts";
import { tasksOn } from "./tables/task-list.ts";
import { testClocksOn } from "./tables/test-clocks.ts";
import { timersOn } from "./tables/timers.ts";
import { webhooksOn } from "./tables/webhooks.ts";
import { vacuumOne } from "./vacuum.ts";

/** How orders lie: all on one machine, or spread over several by Citus, where each is written by itself. */
export interface Layout {
  readonly isDistributed?: boolean;
}

export function storeOn(
  database: Database,
  ports: Ports = {},
  { isDistributed = false }: Layout = {},
): Store {
  if (isDistributed) return storeIn(contextOf(database.db, ports, true), database);
  const {
    context,
    change: changeInGroup,
    close,
  } = createGroupChange(contextOf(database.db, ports), database);
  return {
    ...storeIn(context, database),
    change: changeInGroup,
    close: async () => {
      await close();
      await database.close();
    },
  };
}

/** The store on one connection or transaction of the database. */
function storeIn(context: Context, database: Database): Store {
  return {
    kind: database.kind,
    migrate: () => migrate(database),
    ping: database.ping,
    close: database.close,
    now: () => readClock(context),
    signals: database.signals,
    change: (orderId, decide, options) => change(context, orderId, decide, options),
    definitions: definitionsOn(context),
    orders: ordersOn(context),
    besideHistory: readBesideOn(context),
    sealed: sealedOn(context),
    keystore: keystoreBondOn(context),
    persons: personsOn(context),
    timers: timersOn(context),
    testClocks: testClocksOn(context),
    jobs: jobsOn(context),
    tasks: tasksOn(context),
    outbox: outboxOn(context),
    feed: feedOn(context, database.kind === "postgres"),
    log: merkleLogOn(context),
    incidents: incidentsOn(context),
    reservations: reservationsOn(context),
    webhooks: webhooksOn(context),
    deliveries: deliveriesOn(context),
    apiKeys: apiKeysOn(context),
    archive: archiveOn(context, database.kind),
    backlog: () => backlog(context),
    tidy: async () => database.kind === "pglite" && vacuumOne(context.db),
    connections: database.connections,
    messages: {
      ...messagesOn(context),
      deliver: (id, orderId, decide) => deliverMessage(context, id, orderId, decide),
    },
    idempotency: {
      once: (key, work) => once(context, key, (inner) => work(storeIn(inner, database))),
      look: (key) => takeKey(context, key),
      forget: (olderThanMs, limit) => forgetRecords(context, olderThanMs, limit),
    },
  };
}
