/**
 * bpmn-engine running the same process: seven sub-processes of seven user tasks, in a circle, with a boundary timer each.
 * Every order's engine stays in memory; after each signal its state goes to Postgres with a history row and a message.
 * The state is the definition's, from which an engine recovers when it is given the process: `Engine.getState` would write
 * the process out each time as well, three times as many bytes.
 */

import { EventEmitter } from "node:events";
import { Engine, type Definition, type WaitingActivity } from "bpmn-engine";
import { orderData } from "../step-definition.ts";
import { createTables, inTransaction, openTables } from "./order-tables.ts";
import { idsOf, peerEnvironment } from "./peer-environment.ts";
import { servePeer, type PeerAnswer, type PeerEvent } from "./serve-peer.ts";

const STEPS = [1, 2, 3, 4, 5, 6, 7];

interface Visit {
  readonly definition: Definition;
  waiting: WaitingActivity;
  revision: number;
}

const { databaseUrl, port, orders } = peerEnvironment();
const source = bpmn();
const tables = openTables(databaseUrl);
const visits = new Map<string, Visit>();
for (const id of idsOf(orders)) visits.set(id, await startVisit());
const [sample] = visits.values();
await createTables(tables, orders, JSON.stringify(sample?.definition.getState()));
servePeer(port, move);

async function startVisit(): Promise<Visit> {
  // What the engine's manual advises where there are many: what is idle is not written down.
  const settings = { disableTrackState: true };
  const engine = new Engine({ source, variables: structuredClone(orderData), settings });
  const listener = new EventEmitter();
  const first = Promise.withResolvers<WaitingActivity>();
  let visit: Visit | null = null;
  listener.on("activity.wait", (activity: WaitingActivity) => {
    if (activity.type !== "bpmn:UserTask") return;
    if (visit !== null) visit.waiting = activity;
    first.resolve(activity);
  });
  const [definition] = (await engine.execute({ listener })).definitions;
  if (definition === undefined) throw new Error("expected the process in its definitions");
  visit = { definition, waiting: await first.promise, revision: 1 };
  return visit;
}

async function move(id: string, { type, amount }: PeerEvent): Promise<PeerAnswer> {
  const visit = visits.get(id);
  if (visit === undefined) return 404;
  const { variables } = visit.definition.environment;
  const count = Number(variables["count"]);
  if (!(amount > 0 && count < 1_000_000)) return 409;
  const before = visit.waiting.id;
  variables["count"] = count + 1;
  variables["total"] = Number(variables["total"]) + amount;
  visit.waiting.signal({ amount });
  visit.revision += 1;
  const { revision } = visit;
  const state = JSON.stringify(visit.definition.getState());
  const after = visit.waiting.id;
  await inTransaction(tables, async (query) => {
    await query("update", [id, revision, state]);
    const names = [before, after].map((name) => JSON.stringify(name));
    await query("history", [id, revision, type, JSON.stringify({ amount }), "tech-7", ...names]);
    await query("outbox", [id, revision, "notify", JSON.stringify({ count: count + 1 })]);
  });
  return { id, revision, state: after, data: variables };
}

function bpmn(): string {
  const flow = (from: string, to: string): string =>
    `<sequenceFlow id="${from}-${to}" sourceRef="${from}" targetRef="${to}" />`;
  const step = (number: number): string => {
    const tasks = STEPS.map((task) => `step${number}task${task}`);
    const flows = tasks.slice(1).map((task, place) => flow(tasks[place] ?? "", task));
    return `
      <subProcess id="step${number}">
        ${tasks.map((task) => `<userTask id="${task}" />`).join("")}${flows.join("")}
      </subProcess>
      <boundaryEvent id="quarter${number}" attachedToRef="step${number}" cancelActivity="false">
        <timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT15M</timeDuration></timerEventDefinition>
      </boundaryEvent>
      ${flow(`step${number}`, `step${(number % STEPS.length) + 1}`)}`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
    <definitions id="bench" targetNamespace="http://bpmn.io/schema/bpmn"
      xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <process id="visit" isExecutable="true">
        <startEvent id="start" />${flow("start", "step1")}${STEPS.map(step).join("")}
      </process>
    </definitions>`;
}
