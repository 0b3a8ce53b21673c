/** Human tasks: what opens and closes them, what they say, and who may take them. */

import { expect, test } from "vitest";
import type { Caller } from "../../src/runtime/engine.ts";
import type { Task, TaskFilter } from "../../src/runtime/task.ts";
import type { WorkOrder } from "../../src/runtime/work-order.ts";
import { describeOnDatabases, type OpenStore } from "../support/databases.ts";
import {
  ADMIN,
  AUDITOR,
  granted,
  refusal,
  server,
  START,
  type Hand,
  type Server,
} from "./engine.ts";
import { GARAGE } from "./garage.ts";

const ADVISOR: Caller = { sub: "ann", roles: ["advisor"], centres: null };
const TECHNICIAN: Caller = { sub: "tim", roles: ["technician"], centres: null };
const OTHER: Caller = { sub: "tom", roles: ["technician"], centres: null };
const CUSTOMER: Caller = { sub: "cleo", roles: ["customer"], centres: null };
const MANAGER: Caller = { sub: "mia", roles: ["manager"], centres: null };

const MINUTE_MS = 60_000;
const START_MS = Date.parse(START);

describeOnDatabases("tasks", (open) => {
  test("a task says where it stands, for whom, until when, and what the caller may send to end it", async () => {
    const garage = await garageServer(open);
    const order = await create(garage, { businessKey: "WO-1", centre: "sh-01" });
    const [task, ...others] = await tasks(garage, ADVISOR);
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      id: `${order.id}.1.1`,
      order: order.id,
      process: "garage",
      version: "1.0.0",
      businessKey: "WO-1",
      centre: "sh-01",
      revision: 1,
      step: "reception",
      state: "reception",
      title: { en: "Reception", zh: "接待" },
      role: "advisor",
      assignee: null,
      openedAt: START,
      dueAt: at(10),
    });
    expect(task).not.toHaveProperty("item");
    expect(eventsOf(task)).toEqual(["ACCEPT", "AGAIN", "BREAK", "NOTE"]);
    const seen = granted(await garage.engine.orders.view(ADVISOR, order.id)).order;
    expect(task?.events).toEqual(seen.enabled);
    expect(eventsOf((await tasks(garage, TECHNICIAN))[0])).toEqual([]);
  });

  test("a parallel state has the tasks of all its regions; a final state waits for nobody", async () => {
    const garage = await garageServer(open);
    const { id } = await create(garage);
    await send(garage, ADVISOR, id, "ACCEPT");
    expect(await places(garage)).toEqual(["2.1 work.hands.todo", "2.2 work.papers.form"]);
    await send(garage, TECHNICIAN, id, "START");
    expect(await places(garage)).toEqual(["2.2 work.papers.form", "3.1 work.hands.doing"]);
    await send(garage, TECHNICIAN, id, "FINISH");
    expect(await places(garage)).toEqual(["2.2 work.papers.form"]);
    await send(garage, ADVISOR, id, "SIGN");
    expect(await places(garage)).toEqual(["5.1 paying"]);
    await send(garage, CUSTOMER, id, "PAY", { amount: 1 });
    expect(await places(garage)).toEqual([]);
  });

  test("its events are those of its state and of what is around it up to the step, none of another region", async () => {
    const garage = await garageServer(open);
    const { id } = await create(garage);
    await send(garage, ADVISOR, id, "ACCEPT");
    const [hands, papers] = await tasks(garage, { ...ADVISOR, roles: ["advisor", "technician"] });
    expect(eventsOf(hands)).toEqual(["START", "NOTE", "STOP", "ADD"]);
    expect(eventsOf(papers)).toEqual(["SIGN", "STOP", "ADD"]);
  });

  test("a state that is entered from itself is a new task; one that is not left goes on with who has it", async () => {
    const hand = { now: START_MS };
    const garage = await garageServer(open, hand);
    const { id } = await create(garage);
    await claim(garage, ADVISOR, `${id}.1.1`);
    hand.now += 5 * MINUTE_MS;
    await send(garage, ADVISOR, id, "NOTE", { note: "still here" });
    expect((await tasks(garage))[0]).toMatchObject({ assignee: "ann", dueAt: at(10), revision: 2 });
    await send(garage, ADVISOR, id, "AGAIN");
    const [again] = await tasks(garage);
    expect(again).toMatchObject({
      id: `${id}.3.1`,
      assignee: null,
      openedAt: at(5),
      dueAt: at(15),
    });
  });

  test("a due instant stays when its timer has fired, so that the task is overdue", async () => {
    const garage = await garageServer(open);
    const clock = granted(await garage.engine.testClocks.create(ADMIN, START));
    const late = await create(garage, { testClock: clock.id });
    const early = await create(garage);
    expect(await overdue(garage, true)).toEqual({ tasks: [], orders: [] });
    granted(await garage.engine.testClocks.advance(ADMIN, clock.id, at(11)));
    expect((await tasks(garage, ADMIN, { order: late.id }))[0]).toMatchObject({ dueAt: at(10) });
    expect(await overdue(garage, true)).toEqual({ tasks: [late.id], orders: [late.id] });
    expect(await overdue(garage, false)).toEqual({ tasks: [early.id], orders: [early.id] });
    await send(garage, ADVISOR, late.id, "ACCEPT");
    expect((await overdue(garage, true)).orders).toEqual([]);
  });

  test("an order with a timer that could not fire is overdue, and keeps its tasks", async () => {
    const garage = await garageServer(open);
    const clock = granted(await garage.engine.testClocks.create(ADMIN, START));
    const { id } = await create(garage, { testClock: clock.id });
    await send(garage, ADVISOR, id, "BREAK");
    granted(await garage.engine.testClocks.advance(ADMIN, clock.id, at(10)));
    await send(garage, ADVISOR, id, "AGAIN");
    expect((await overdue(garage, true)).orders).toEqual([]);
    granted(await garage.engine.testClocks.advance(ADMIN, clock.id, at(20)));
    const page = granted(await garage.engine.orders.list(ADMIN, { overdue: true }, { limit: 9 }));
    expect(page.items).toMatchObject([{ id, status: "incident" }]);
    expect(await places(garage)).toEqual(["3.1 reception"]);
    expect(await claim(garage, ADVISOR, `${id}.3.1`)).toMatchObject({ assignee: "ann" });
  });

  test("a history state opens the tasks it comes back to anew", async () => {
    const garage = await garageServer(open);
    const { id } = await create(garage);
    await send(garage, ADVISOR, id, "ACCEPT");
    await send(garage, TECHNICIAN, id, "START");
    await send(garage, ADVISOR, id, "STOP");
    expect(await places(garage)).toEqual([]);
    await send(garage, ADVISOR, id, "RESUME");
    expect(await places(garage)).toEqual(["5.1 work.hands.doing", "5.2 work.papers.form"]);
  });

  test("every item has tasks of its own, with its own events; they end with it, and with the order", async () => {
    const garage = await garageServer(open);
    const { id } = await create(garage);
    await send(garage, ADVISOR, id, "ACCEPT");
    for (const line of ["brakes", "a/b", "wipers"]) {
      await send(garage, TECHNICIAN, id, "ADD", { line });
    }
    await send(garage, CUSTOMER, id, "APPROVE", { line: "a/b" });
    const items = (await tasks(garage, CUSTOMER)).filter(({ item }) => item !== undefined);
    expect(items.map(({ item, state }) => [item, state])).toEqual([
      ["lines/brakes", "proposed"],
      ["lines/wipers", "proposed"],
      ["lines/a/b", "approved"],
    ]);
    expect(items[0]).toMatchObject({ step: "repair", role: "customer", dueAt: at(30) });
    expect(items.map((item) => item.events.map(({ event, item: on }) => [event, on]))).toEqual([
      [["APPROVE", "brakes"]],
      [["APPROVE", "wipers"]],
      [],
    ]);
    await send(garage, TECHNICIAN, id, "WITHDRAW", { line: "brakes" });
    await send(garage, TECHNICIAN, id, "MAKE", { line: "a/b" });
    const left = (await tasks(garage)).flatMap(({ item }) => item ?? []);
    expect(left).toEqual(["lines/wipers"]);
    await send(garage, TECHNICIAN, id, "START");
    await send(garage, TECHNICIAN, id, "FINISH");
    await send(garage, ADVISOR, id, "SIGN");
    await send(garage, CUSTOMER, id, "PAY", { amount: 1 });
    expect(await tasks(garage)).toEqual([]);
  });

  test("who has a task keeps it; it is given back, or moved by a manager", async () => {
    const garage = await garageServer(open);
    const task = await todo(garage);
    expect(await claim(garage, TECHNICIAN, task)).toMatchObject({ id: task, assignee: "tim" });
    expect(await claim(garage, TECHNICIAN, task)).toMatchObject({ assignee: "tim" });
    const { engine } = garage;
    const taken = { code: "task-claimed", assignee: "tim" };
    expect(refusal(await engine.tasks.claim(OTHER, task, {}))).toMatchObject(taken);
    expect(refusal(await engine.tasks.release(OTHER, task))).toMatchObject(taken);
    expect(refusal(await engine.tasks.claim(MANAGER, task, {}))).toMatchObject(taken);
    const given = granted(await engine.tasks.claim(MANAGER, task, { assignee: "tom" }));
    expect(given.task.assignee).toBe("tom");
    expect(granted(await engine.tasks.release(OTHER, task)).task.assignee).toBeNull();
    expect(granted(await engine.tasks.release(OTHER, task)).task.assignee).toBeNull();
    await claim(garage, TECHNICIAN, task);
    expect(granted(await engine.tasks.release(ADMIN, task)).task.assignee).toBeNull();
  });

  test("only the task's role takes it, and gives it to nobody else", async () => {
    const garage = await garageServer(open);
    const task = await todo(garage);
    const { claim: take } = garage.engine.tasks;
    const refusedRole = { code: "role-not-allowed" };
    expect(refusal(await take(ADVISOR, task, {}))).toMatchObject(refusedRole);
    expect(refusal(await take(TECHNICIAN, task, { assignee: "tom" }))).toMatchObject(refusedRole);
    expect(refusal(await take(AUDITOR, task, {}))).toMatchObject(refusedRole);
    expect(granted(await take(TECHNICIAN, task, { assignee: "tim" })).task.assignee).toBe("tim");
  });

  test("a task that names no role is for everybody who takes part", async () => {
    const garage = await garageServer(open);
    const { id } = await create(garage);
    await send(garage, ADVISOR, id, "ACCEPT");
    await send(garage, TECHNICIAN, id, "START");
    await send(garage, TECHNICIAN, id, "FINISH");
    await send(garage, ADVISOR, id, "SIGN");
    const [paying] = await tasks(garage, CUSTOMER);
    expect(paying).toMatchObject({ state: "paying", role: null, step: null });
    expect(eventsOf(paying)).toEqual(["PAY"]);
    const task = paying?.id ?? "";
    expect(refusal(await garage.engine.tasks.claim(AUDITOR, task, {})).code).toBe(
      "role-not-allowed",
    );
    expect(await claim(garage, CUSTOMER, task)).toMatchObject({ assignee: "cleo" });
  });

  test("a claim is no event: the order, its revision and its history stay as they are", async () => {
    const garage = await garageServer(open);
    const task = await todo(garage);
    const { engine } = garage;
    const id = task.split(".")[0] ?? "";
    const before = granted(await engine.orders.view(ADMIN, id));
    await claim(garage, TECHNICIAN, task);
    expect(granted(await engine.orders.view(ADMIN, id))).toEqual(before);
    expect(granted(await engine.orders.verify(ADMIN, id)).verified).toBe(true);
  });

  test("of forty claims at once on two servers exactly one wins", async () => {
    const one = await garageServer(open);
    const two = await server(open);
    const task = await todo(one);
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const { engine } = index % 2 === 0 ? one : two;
        return engine.tasks.claim({ ...TECHNICIAN, sub: `t-${index}` }, task, {});
      }),
    );
    const winners = results.flatMap((result) =>
      result.kind === "ok" ? [result.task.assignee] : [],
    );
    expect(winners).toHaveLength(1);
    const losers = results.flatMap((result) => (result.kind === "refused" ? [result] : []));
    expect(losers).toHaveLength(39);
    for (const { code, assignee } of losers) {
      expect([code, assignee]).toEqual(["task-claimed", winners[0]]);
    }
  });

  test("a claim that meets the end of its task finds none, whichever comes first", async () => {
    const one = await garageServer(open);
    const two = await server(open);
    for (let round = 0; round < 10; round += 1) {
      const task = await todo(one);
      const id = task.split(".")[0] ?? "";
      const [claimed] = await Promise.all([
        one.engine.tasks.claim(TECHNICIAN, task, {}, { ifMatch: [2] }),
        send(two, OTHER, id, "START"),
      ]);
      if (claimed.kind === "refused") {
        expect(["not-found", "revision-mismatch"]).toContain(claimed.code);
      }
      expect(refusal(await one.engine.tasks.view(ADMIN, task)).code).toBe("not-found");
      expect((await tasks(one, ADMIN, { order: id })).map(({ assignee }) => assignee)).toEqual([
        null,
        null,
      ]);
    }
  });

  test("a claim on a stale view is refused; a done task and a hidden one are not found", async () => {
    const garage = await garageServer(open);
    const { engine } = garage;
    const { id } = await create(garage, { centre: "sh-01" });
    const task = `${id}.1.1`;
    await send(garage, ADVISOR, id, "NOTE", { note: "x" });
    const stale = refusal(await engine.tasks.claim(ADVISOR, task, {}, { ifMatch: [1] }));
    expect(stale).toMatchObject({ code: "revision-mismatch", currentRevision: 2 });
    const never = refusal(await engine.tasks.claim(ADVISOR, task, {}, { ifMatch: [] }));
    expect(never.code).toBe("revision-mismatch");
    const elsewhere = { ...ADVISOR, centres: ["bj-01"] };
    for (const caller of [elsewhere, { ...elsewhere, centres: [] }]) {
      expect(await tasks(garage, caller)).toEqual([]);
      expect(refusal(await engine.tasks.claim(caller, task, {})).code).toBe("not-found");
    }
    granted(await engine.tasks.claim(ADVISOR, task, {}, { ifMatch: [1, 2] }));
    await send(garage, ADVISOR, id, "ACCEPT");
    const gone = [task, `${id}.9.9`, `${id}.1`, id, "", "..", `${id}.1.1.1`, "x\0.1.1"];
    for (const other of gone) {
      expect(refusal(await engine.tasks.release(ADVISOR, other)).code).toBe("not-found");
    }
  });

  test("an order without a centre shows its tasks to those only who see every centre", async () => {
    const garage = await garageServer(open);
    await create(garage);
    expect(await tasks(garage, { ...ADVISOR, centres: ["sh-01"] })).toEqual([]);
    expect(await tasks(garage, ADVISOR)).toHaveLength(1);
  });
});

async function garageServer(open: OpenStore, hand: Hand = { now: START_MS }): Promise<Server> {
  const opened = await server(open, hand);
  granted(await opened.engine.definitions.publish(ADMIN, { text: GARAGE, format: "yaml" }));
  return opened;
}

async function create({ engine }: Server, more: object = {}): Promise<WorkOrder> {
  return granted(await engine.orders.create(ADMIN, { process: "garage", ...more })).order;
}

async function send(
  { engine }: Server,
  caller: Caller,
  id: string,
  type: string,
  payload = {},
): Promise<void> {
  granted(await engine.orders.send(caller, id, { type, payload }));
}

async function tasks(
  { engine }: Server,
  caller = ADMIN,
  filter: TaskFilter = {},
): Promise<readonly Task[]> {
  return (await engine.tasks.list(caller, filter, { limit: 100 })).items;
}

async function places(garage: Server): Promise<readonly string[]> {
  return (await tasks(garage)).map(({ id, state }) => `${id.slice(37)} ${state}`);
}

async function overdue(garage: Server, isOverdue: boolean) {
  const listed = await garage.engine.orders.list(ADMIN, { overdue: isOverdue }, { limit: 100 });
  return {
    tasks: (await tasks(garage, ADMIN, { overdue: isOverdue })).map(({ order }) => order),
    orders: granted(listed).items.map(({ id }) => id),
  };
}

/** An order's task for a technician. */
async function todo(garage: Server): Promise<string> {
  const { id } = await create(garage);
  await send(garage, ADVISOR, id, "ACCEPT");
  return `${id}.2.1`;
}

async function claim({ engine }: Server, caller: Caller, id: string): Promise<Task> {
  return granted(await engine.tasks.claim(caller, id, {})).task;
}

function eventsOf(task: Task | undefined): readonly string[] | undefined {
  return task?.events.map(({ event }) => event);
}

function at(minutes: number): string {
  return new Date(START_MS + minutes * MINUTE_MS).toISOString();
}
