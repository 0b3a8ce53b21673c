/** The store on an open database: every promise of `Store`, whichever database it is. */

import { change } from "./change.ts";
import { contextOf, readClock } from "./context.ts";
import type { Database } from "./database.ts";
import { migrate } from "./migrate.ts";
import type { Ports, Store } from "./store.ts";
import { definitionsOn } from "./tables/definitions.ts";
import { incidentsOn } from "./tables/incidents.ts";
import { jobsOn } from "./tables/jobs.ts";
import { ordersOn } from "./tables/orders.ts";
import { outboxOn } from "./tables/outbox.ts";
import { reservationsOn } from "./tables/reservations.ts";
import { sealedOn } from "./tables/sealed.ts";
import { testClocksOn } from "./tables/test-clocks.ts";
import { timersOn } from "./tables/timers.ts";

export function storeOn(database: Database, ports: Ports = {}): Store {
  const context = contextOf(database.db, ports);
  return {
    kind: database.kind,
    migrate: () => migrate(database),
    ping: database.ping,
    close: database.close,
    now: () => readClock(context),
    change: (orderId, decide, options) => change(context, orderId, decide, options),
    definitions: definitionsOn(context),
    orders: ordersOn(context),
    sealed: sealedOn(context),
    timers: timersOn(context),
    testClocks: testClocksOn(context),
    jobs: jobsOn(context),
    outbox: outboxOn(context),
    incidents: incidentsOn(context),
    reservations: reservationsOn(context),
  };
}
