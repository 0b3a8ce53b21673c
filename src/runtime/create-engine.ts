/** Puts an engine together from its ports: what it reads, what it writes, and the loops that fire timers and run jobs. */

import type { DueTimer } from "../store/contracts/time.ts";
import type { Store } from "../store/store.ts";
import { createArchiving } from "./archiving.ts";
import { createBatch } from "./batch.ts";
import { createBus } from "./bus.ts";
import { create, type Creating } from "./create.ts";
import { scopeOf } from "./caller.ts";
import { createChange } from "./change.ts";
import { createLibrary } from "./definitions.ts";
import { createTimerLoop } from "./due-timers.ts";
import type { Engine, Operations, Orders } from "./engine.ts";
import { createEvidence } from "./evidence.ts";
import { exportText } from "./export-text.ts";
import { createFeed } from "./feed.ts";
import { createForgetting } from "./forget-keys.ts";
import { uuidv7 } from "./ids.ts";
import { createHistoryLog } from "./history-log.ts";
import { createIncidents } from "./incidents.ts";
import { runOfferedJobs } from "./jobs.ts";
import { createJobs } from "./outside-jobs.ts";
import { createKeyHolder } from "./key-holder.ts";
import { createKeyring } from "./keyring.ts";
import { createLogLoops } from "./log-loop.ts";
import { createLoop } from "./loop.ts";
import { createMessaging } from "./messaging.ts";
import { createKeeping, once } from "./once.ts";
import { migrateOrder } from "./migrate-order.ts";
import { createOperations } from "./operations.ts";
import type { Ports } from "./ports.ts";
import { CASE_PROCESS, reserved } from "./privacy/case-process.ts";
import { createPersonalData, personalDataPorts } from "./privacy/cases.ts";
import { createProjector } from "./projection.ts";
import { createResealing } from "./resealing.ts";
import { walledStore } from "./second-wall.ts";
import { move, send, type Sending } from "./send.ts";
import { createReadStale, orderReads } from "./stale-reads.ts";
import { createTidying } from "./tidying.ts";
import { createTestClocks } from "./test-clocks.ts";
import { fireOrReport } from "./timers.ts";
import { verify } from "./verify.ts";
import { createWake } from "./wake.ts";
import { createWebhookLoops } from "./webhook-loops.ts";

/** Any number of engines may share one database; each is one server's. */
export function createEngine(given: Ports): Engine {
  const ports = { ...given, store: walledStore(given.store) };
  const { store, clock, random, log } = ports;
  const library = createLibrary(store);
  const keyring = createKeyring(ports.keystore, clock);
  const change = createChange(store, library, { keyring, random });
  const bus = createBus({ signals: store.signals, clock, random, log });
  const feed = createFeed({ ...ports, keyring, bus });
  const webhooks = createWebhookLoops({ ...ports, library, keyring, bus });
  const told = createWake(bus, feed.sequence, webhooks.isAnybodyTold);
  const messaging = createMessaging({ ...ports, library, keyring, bus, wake: told });
  const { wake } = messaging;
  const workshop = { store, keyring, change, random, log, wake };
  const worker = uuidv7(ports);
  const fire = (timer: DueTimer) => fireOrReport(workshop, timer);
  const timers = createTimerLoop({ ...{ timers: store.timers, now: store.now, fire }, ...ports });
  const jobs = createLoop(ports, "jobs", (signal) => runOfferedJobs(workshop, worker, signal));
  bus.subscribe("timers", timers.wake);
  bus.subscribe("builtin-jobs", jobs.wake);
  const writing = { store, library, keyring, change, clock, random, wake };
  const projecting = createLoop(ports, "projection", createProjector({ store, library, log }));
  const forgetting = createLoop(ports, "idempotency", createForgetting(store, clock));
  const operationsOn = (inner: Store, afterwards: (effect: () => void) => void): Operations => ({
    ...createOperations({ ...ports, store: inner, library: library.on(inner), keyring }, (topics) =>
      afterwards(() => bus.publish(topics)),
    ),
    messages: messaging.on(inner, library.on(inner), afterwards),
  });
  const { archive } = ports;
  const archiving =
    archive === undefined ? [] : [createLoop(ports, "archive", createArchiving(ports, archive))];
  const history = createHistoryLog({ store, bus, clock });
  const { logKeeping } = ports;
  const signing = logKeeping === undefined ? [] : createLogLoops({ ...ports, ...logKeeping, bus });
  const resealing = createLoop(ports, "sealing", createResealing({ ...ports, keyring }));
  const tidying = createLoop(ports, "tidying", createTidying(store, clock));
  const runJobs = () => runOfferedJobs(workshop, worker, new AbortController().signal);
  const working = [feed, timers, jobs, forgetting, webhooks, projecting, messaging];
  const loops = [bus, ...working, ...archiving, ...signing, resealing, tidying];
  return {
    ...createOperations({ ...ports, library, keyring }, bus.publish),
    messages: messaging.on(store, library, (effect) => effect()),
    orders: createOrders(writing),
    readStale: createReadStale(orderReads(writing), ports.replica, { ...writing, log }),
    jobs: createJobs({ ...writing, bus, log }),
    incidents: createIncidents({ ...writing, publish: bus.publish }),
    streams: feed.streams(library),
    exportText: (caller, request) => exportText({ store, library }, request, scopeOf(caller)),
    log: history,
    evidence: createEvidence({ ...writing, log: history }, ports.evidencePatienceMs),
    personalData: createPersonalData({ ...writing, ...personalDataPorts(ports), runJobs }),
    testClocks: createTestClocks({ ...{ workshop, clock }, runJobs }),
    once: (caller, idempotency, work) => once({ store, operationsOn }, caller, idempotency, work),
    keeping: createKeeping(store),
    keyHolder: createKeyHolder(store.apiKeys, clock),
    ready: () =>
      store.ping().then(
        () => true,
        () => false,
      ),
    start: () => {
      for (const loop of loops) loop.start();
    },
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function createOrders(writing: Creating & Sending): Orders {
  const sendOne: Orders["send"] = (caller, id, event, options = {}) =>
    send(writing, { caller, id, event, options, write: true });
  const moveOne: Orders["move"] = (caller, id, event, options = {}) =>
    move(writing, { caller, id, event, options, write: true });
  const inBatches = createBatch();
  return {
    create: async (caller, request, options = {}) =>
      request.process === CASE_PROCESS
        ? reserved("an order")
        : create(writing, caller, request, options),
    send: sendOne,
    sendAll: inBatches(sendOne),
    move: moveOne,
    moveAll: inBatches(moveOne),
    preview: (caller, id, event, options = {}) =>
      send(writing, { caller, id, event, options, write: false }),
    ...orderReads(writing),
    migrate: (caller, id, request, options) => migrateOrder(writing, caller, id, request, options),
    verify: (caller, id) => verify(writing, caller, id),
  };
}
