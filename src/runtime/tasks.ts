/** Human tasks: what waits for whom, until when, what ends it, and who has taken it. */

import type { ChartState, Executable } from "../../machines/compile/executable.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { Assigned, Assignment, StoredTask } from "../store/contracts/tasks.ts";
import type { Store } from "../store/store.ts";
import { scopeOf, takingPart } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import { inTurns } from "./in-turns.ts";
import { stepOf } from "./position.ts";
import { refused, revisionMismatch, type Refused } from "./refusal.ts";
import { sightsOf } from "./sight.ts";
import type { Task, TaskOptions, TaskResult, Tasks } from "./task.ts";
import { choicesFor, type Sight } from "./view.ts";
import type { EnabledAnswer } from "./work-order.ts";

/** May take what others do, and give it to whom they choose. */
const LEADERS: ReadonlySet<string> = new Set(["admin", "manager"]);

export function createTasks(store: Store, library: Library): Tasks {
  const view = async (caller: Caller, id: string): Promise<TaskResult> => {
    const stored = await store.tasks.get(id, scopeOf(caller));
    if (stored === null) return taskNotFound(id);
    return { kind: "ok", task: await answer(stored, caller) };
  };

  const answers = async (
    found: readonly StoredTask[],
    caller: Caller,
  ): Promise<readonly Task[]> => {
    const orders = new Map(found.map(({ order }) => [order.id, order]));
    const sights = await sightsOf(store, library, [...orders.values()]);
    const views = await inTurns(sights, (sight) => {
      const { enabled } = choicesFor(sight, caller);
      return [sight.order.identity.id, { sight, enabled }] as const;
    });
    const seen = new Map(views);
    return found.flatMap((task) => {
      const on = seen.get(task.order.id);
      return on === undefined ? [] : [taskAnswer(task, on.sight, on.enabled)];
    });
  };

  const answer = async (stored: StoredTask, caller: Caller): Promise<Task> => {
    const [task] = await answers([stored], caller);
    if (task === undefined) throw new Error(`expected an answer about task ${stored.id}`);
    return task;
  };

  /** What decides besides who has it never changes while the task is open: it is looked at before the lock. */
  const assign = async (
    caller: Caller,
    id: string,
    wanted: Assignment,
    { ifMatch }: TaskOptions,
  ): Promise<TaskResult> => {
    const scope = scopeOf(caller);
    const stored = await store.tasks.get(id, scope);
    if (stored === null) return taskNotFound(id);
    const executable = await library.load(stored.order.digest);
    if (executable === null) throw new Error(`Expected the definition of ${stored.order.id}.`);
    if (!mayTake(executable, caller, stored.role)) return notForRole(caller, stored.role);
    const conditions = ifMatch === undefined ? {} : { ifMatch };
    const assigned = await store.tasks.assign(id, { ...wanted, ...conditions }, scope);
    if (assigned.kind !== "assigned") return refusalOf(id, assigned);
    return { kind: "ok", task: await answer(assigned.task, caller) };
  };

  return {
    list: async (caller, { order, ...filter }, page) => {
      const wanted = { ...filter, ...(order === undefined ? {} : { orderId: order }), ...page };
      const { items, ...rest } = await store.tasks.list(wanted, scopeOf(caller));
      return { kind: "ok", items: await answers(items, caller), ...rest };
    },
    view,
    claim: async (caller, id, { assignee = null }, options = {}) => {
      const chosen = assignee ?? caller.sub;
      if (chosen !== caller.sub && !leads(caller)) return notToOthers(caller);
      // Who names nobody takes what is free; nothing is taken from somebody by accident.
      const from =
        assignee !== null && leads(caller) ? ("anyone" as const) : ([null, chosen] as const);
      return assign(caller, id, { assignee: chosen, from }, options);
    },
    release: (caller, id, options = {}) => {
      const from = leads(caller) ? ("anyone" as const) : ([null, caller.sub] as const);
      return assign(caller, id, { assignee: null, from }, options);
    },
  };
}

function taskAnswer(task: StoredTask, sight: Sight, enabled: readonly EnabledAnswer[]): Task {
  const { order, item, state, role, assignee } = task;
  const { process, version, businessKey, centre, revision } = order;
  const { executable } = sight;
  const chain = chainOf(executable, task);
  return {
    id: `${order.id}.${task.id}`,
    ...{ order: order.id, process, version, businessKey, centre, revision },
    step: stepOf(executable.order, sight.order.snapshot.value),
    state,
    ...(item === null ? {} : { item }),
    title: chain[0]?.meta.title ?? state,
    ...{ role, assignee, openedAt: formatInstant(task.openedAt) },
    dueAt: task.dueAt === null ? null : formatInstant(task.dueAt),
    events: endingIt(executable, task, chain, enabled),
  };
}

/** The task's state and those around it, up to the one that names the step; without one, up to the root. */
function chainOf(executable: Executable, { item, state }: StoredTask): readonly ChartState[] {
  const chart =
    item === null ? executable.order : executable.items.get(itemIn(item).collection)?.chart;
  const chain: ChartState[] = [];
  for (let at = chart?.states.get(state) ?? null; at !== null; at = at.parent) {
    chain.push(at);
    if (at.meta.step !== undefined) break;
  }
  return chain;
}

/** Those that the innermost state takes come first. */
function endingIt(
  executable: Executable,
  { item }: StoredTask,
  chain: readonly ChartState[],
  enabled: readonly EnabledAnswer[],
): readonly EnabledAnswer[] {
  const own = item === null ? null : itemIn(item);
  const isAboutIt = (choice: EnabledAnswer): boolean =>
    own === null ||
    (executable.events.get(choice.event)?.item === own.collection && choice.item === own.id);
  const distance = ({ event }: EnabledAnswer): number => chain.findIndex(({ on }) => on.has(event));
  return enabled
    .filter((choice) => distance(choice) >= 0 && isAboutIt(choice))
    .toSorted((one, other) => distance(one) - distance(other));
}

/** `collection/id`: an id may hold slashes, the name of a collection none. */
function itemIn(item: string): { readonly collection: string; readonly id: string } {
  const slash = item.indexOf("/");
  return { collection: item.slice(0, slash), id: item.slice(slash + 1) };
}

function leads({ roles }: Caller): boolean {
  return roles.some((role) => LEADERS.has(role));
}

/** A task that names no role is for whoever takes part in the process. */
function mayTake(executable: Executable, caller: Caller, role: string | null): boolean {
  if (leads(caller)) return true;
  return role === null ? takingPart(executable, caller).length > 0 : caller.roles.includes(role);
}

function notForRole({ roles }: Caller, role: string | null): Refused {
  return refused(
    "role-not-allowed",
    `Expected ${role === null ? "a role of the process" : `the role ${role}`}, admin or manager to take this task, found ${roles.join(", ") || "none"}.`,
  );
}

function notToOthers({ roles }: Caller): Refused {
  return refused(
    "role-not-allowed",
    `Expected the role admin or manager to give a task to somebody else, found ${roles.join(", ") || "none"}: without \`assignee\` it is taken for the caller.`,
  );
}

function taskNotFound(id: string): Refused {
  return refused(
    "not-found",
    `Expected an open task, found none with the id "${id}": it was ended, or never was.`,
  );
}

function refusalOf(id: string, assigned: Exclude<Assigned, { kind: "assigned" }>): Refused {
  switch (assigned.kind) {
    case "held":
      return refused(
        "task-claimed",
        `Expected a task that nobody else has, found it taken by ${assigned.by}: it can be taken when it is released, or given by an admin or a manager.`,
        { assignee: assigned.by },
      );
    case "moved":
      return revisionMismatch(assigned.revision);
    case "gone":
      return taskNotFound(id);
  }
}
