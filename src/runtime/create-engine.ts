/** Puts an engine together from its ports: what it reads, what it writes, and the loops that fire timers and run jobs. */

import { createBus } from "./bus.ts";
import { create } from "./create.ts";
import { createChange } from "./change.ts";
import { createDefinitions, createLibrary } from "./definitions.ts";
import type { Engine } from "./engine.ts";
import { uuidv7 } from "./ids.ts";
import { createIncidents } from "./incidents.ts";
import { runOfferedJobs } from "./jobs.ts";
import { createLoop } from "./loop.ts";
import type { Ports } from "./ports.ts";
import * as read from "./read.ts";
import { send } from "./send.ts";
import { createTestClocks } from "./test-clocks.ts";
import { fireDueTimers } from "./timers.ts";
import { verify } from "./verify.ts";
import { createWake } from "./wake.ts";

/** Any number of engines may share one database; each is one server's. */
export function createEngine(ports: Ports): Engine {
  const { store, clock, random, log } = ports;
  const library = createLibrary(store);
  const change = createChange(store, library);
  const bus = createBus({ signals: store.signals, clock, random, log });
  const wake = createWake(bus);
  const workshop = { store, change, random, log, wake };
  const worker = uuidv7(ports);
  const timers = createLoop(ports, "timers", (signal) => fireDueTimers(workshop, signal));
  const jobs = createLoop(ports, "jobs", (signal) => runOfferedJobs(workshop, worker, signal));
  bus.subscribe("timers", timers.wake);
  bus.subscribe("builtin-jobs", jobs.wake);
  const writing = { store, library, change, clock, random, wake };
  const reading = { store, library };
  return {
    definitions: createDefinitions(store),
    orders: {
      create: (caller, request) => create(writing, caller, request),
      send: (caller, id, event, options = {}) =>
        send(writing, { caller, id, event, options, write: true }),
      preview: (caller, id, event, options = {}) =>
        send(writing, { caller, id, event, options, write: false }),
      view: (caller, id) => read.view(reading, caller, id),
      list: (caller, filter, page) => read.list(reading, caller, filter, page),
      history: (caller, id, page) => read.history(reading, caller, id, page),
      lines: (caller, id, page) => read.lines(reading, caller, id, page),
      at: (caller, id, when) => read.at(reading, caller, id, when),
      verify: (caller, id) => verify(reading, caller, id),
    },
    incidents: createIncidents(store, () => bus.publish(["timers", "builtin-jobs"])),
    testClocks: createTestClocks({
      ...{ workshop, clock },
      runJobs: () => runOfferedJobs(workshop, worker, new AbortController().signal),
    }),
    ready: () =>
      store.ping().then(
        () => true,
        () => false,
      ),
    start: () => {
      bus.start();
      timers.start();
      jobs.start();
    },
    stop: async () => {
      await Promise.all([timers.stop(), jobs.stop(), bus.stop()]);
    },
  };
}
