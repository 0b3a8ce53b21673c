/** Reads and claims open tasks: table `tasks` beside the orders it belongs to. */

import { sql, type Selectable } from "kysely";

import { equalsName, visible, type Context } from "../context.ts";
import type { Assigned, Assignment, StoredTask, TaskFilter, Tasks } from "../contracts/tasks.ts";
import type { Db } from "../database.ts";
import { OrderDamaged } from "../errors.ts";
import { behind, pageOf, rowsWanted, sorted, type Keyset } from "../keyset.ts";
import type { OrderPage, Scope } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import type { OrderRow } from "./orders.ts";
import { orDamage, storedOrder } from "./snapshots.ts";
import { ordersBehind, project } from "./projection.ts";
import { isOverdue, type TasksTable } from "./tasks.ts";

export function tasksOn(context: Context): Tasks {
  return {
    get: (id, scope) => get(context, id, scope),
    list: (filter, scope) => list(context, filter, scope),
    assign: (id, assignment, scope) =>
      inTransaction(context, (inner) => assign(inner, id, assignment, scope)),
    behind: (page) => ordersBehind(context, page),
    project: (projection) => inTransaction(context, (inner) => project(inner, projection)),
  };
}

/** What an open task is sorted by never changes. */
const LONGEST_OPEN: Keyset = {
  list: "tasks",
  columns: [
    ["tasks.opened_at", "instant"],
    ["tasks.order_id", "text"],
    ["tasks.id", "text"],
  ],
  direction: "asc",
};

async function list(
  context: Context,
  filter: TaskFilter,
  scope: Scope,
): Promise<OrderPage<StoredTask>> {
  const rows = await filtered(context, filter)
    .where(visible(scope, "tasks.centre"))
    .where(behind(LONGEST_OPEN, filter))
    .orderBy(sorted(LONGEST_OPEN))
    .limit(rowsWanted(filter))
    .execute();
  const page = pageOf(LONGEST_OPEN, filter, rows, (row) => [row.openedAt, row.id, row.taskId]);
  const tasks = await Promise.all(page.items.map((row) => orDamage(taskOf(context, row))));
  const damaged = new Map(
    tasks.flatMap((task) => (task instanceof OrderDamaged ? [[task.id, task] as const] : [])),
  );
  const items = tasks.flatMap((task) => (task instanceof OrderDamaged ? [] : [task]));
  return { ...page, items, damaged: [...damaged.values()] };
}

function filtered(context: Context, filter: TaskFilter) {
  const { role, centre, assignee, process, orderId, businessKey, assigned, overdue } = filter;
  const equal = Object.entries({
    ...{ "tasks.centre": centre, "tasks.assignee": assignee },
    ...{ "tasks.process": process, "tasks.order_id": orderId },
    "orders.business_key": businessKey,
  });
  let query = selectTasks(context.db);
  for (const [column, value] of equal) {
    if (value !== undefined) query = query.where(sql<boolean>`${sql.ref(column)} = ${value}`);
  }
  if (role !== undefined) query = query.where(equalsName("tasks.role", role));
  if (assigned !== undefined) {
    query = query.where("tasks.assignee", assigned ? "is not" : "is", null);
  }
  if (overdue === undefined) return query;
  return query.where(overdue ? isOverdue(context) : sql<boolean>`not ${isOverdue(context)}`);
}

async function get(context: Context, id: string, scope: Scope): Promise<StoredTask | null> {
  const place = placeOf(id);
  if (place === null) return null;
  const row = await selectTasks(context.db)
    .where("tasks.order_id", "=", place.orderId)
    .where("tasks.id", "=", place.id)
    .where(visible(scope, "tasks.centre"))
    .executeTakeFirst();
  return row === undefined ? null : taskOf(context, row);
}

async function assign(
  context: Context,
  id: string,
  { assignee, from, ifMatch }: Assignment,
  scope: Scope,
): Promise<Assigned> {
  const { db } = context;
  const place = placeOf(id);
  if (place === null) return { kind: "gone" };
  // The order before its task, as a change takes them: nobody waits in a ring.
  const order = db.selectFrom("orders").select("revision").where("id", "=", place.orderId);
  const held = ifMatch === undefined ? undefined : await order.forShare().executeTakeFirst();
  const task = db
    .selectFrom("tasks")
    .select("assignee")
    .where("order_id", "=", place.orderId)
    .where("id", "=", place.id)
    .where(visible(scope));
  const current = await task.forUpdate().executeTakeFirst();
  if (current === undefined) return { kind: "gone" };
  if (held !== undefined && ifMatch?.includes(held.revision) === false) {
    return { kind: "moved", revision: held.revision };
  }
  if (from !== "anyone" && !from.includes(current.assignee)) {
    return { kind: "held", by: current.assignee ?? "" };
  }
  await db
    .updateTable("tasks")
    .set({ assignee })
    .where("order_id", "=", place.orderId)
    .where("id", "=", place.id)
    .execute();
  const assigned = await get(context, id, scope);
  return assigned === null ? { kind: "gone" } : { kind: "assigned", task: assigned };
}

function selectTasks(db: Db) {
  return db
    .selectFrom("tasks")
    .innerJoin("orders", "orders.id", "tasks.order_id")
    .selectAll("orders")
    .select(["tasks.id as taskId", "tasks.item", "tasks.state", "tasks.role", "tasks.assignee"])
    .select(["tasks.opened_at as openedAt", "tasks.due_at as dueAt"]);
}

type TaskRow = OrderRow &
  Pick<Selectable<TasksTable>, "item" | "state" | "role" | "assignee"> & {
    readonly taskId: string;
    readonly openedAt: number;
    readonly dueAt: number | null;
  };

async function taskOf(context: Context, row: TaskRow): Promise<StoredTask> {
  const { taskId: id, item, state, role, assignee, openedAt, dueAt } = row;
  return {
    ...{ id, item: item === "" ? null : item, state, role, assignee, openedAt, dueAt },
    order: await storedOrder(context, row),
  };
}

/** `<order id>.<revision>.<position>`. */
function placeOf(id: string): { readonly orderId: string; readonly id: string } | null {
  const [, orderId, inOrder] = /^([^\0]+)\.(\d+\.\d+)$/.exec(id) ?? [];
  return orderId === undefined || inOrder === undefined ? null : { orderId, id: inOrder };
}
