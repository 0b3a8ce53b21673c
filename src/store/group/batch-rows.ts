/** The rows of a batch, table by table: which columns they have, and which of the planned writes they come from. */

import type { Occurrence } from "../contracts/deliveries.ts";
import type { NewJob } from "../contracts/jobs.ts";
import type { NewTask, TaskPlace } from "../contracts/tasks.ts";
import type { NewTimer } from "../contracts/time.ts";
import type { SealedBox } from "../contracts/sealed.ts";
import type { NewMessage } from "../store.ts";
import { occurrencesOf } from "../occurrences.ts";
import { idOf } from "../tables/idempotency.ts";
import { listed } from "../tables/orders.ts";
import { commitmentBytes } from "../tables/sealed.ts";
import { bytes, encoded, instant, integer, text, unnested, type Columns } from "./columns.ts";
import type { PlannedWrite } from "./planned-write.ts";

/** Rows of one kind, ready for a statement. */
export interface Section {
  /** How many parameters they take. */
  readonly size: number;
  /** @param first number of the first parameter */
  readonly source: (name: string, first: number) => string;
  readonly values: (writes: readonly PlannedWrite[]) => readonly Buffer[];
}

function section<Row>(
  columns: Columns<Row>,
  rowsOf: (planned: PlannedWrite) => readonly Row[],
): Section {
  return {
    size: Object.keys(columns).length,
    source: (name, first) => unnested(name, columns, first),
    values: (writes) => encoded(columns, writes.flatMap(rowsOf)),
  };
}

/** A part of an order's write, with the order that it is of. */
type Part<Each> = readonly [each: Each, planned: PlannedWrite, index: number];

function parts<Each>(
  columns: Columns<Part<Each>>,
  of: (planned: PlannedWrite) => readonly Each[],
): Section {
  const orderId = text<Part<Each>>(([, planned]) => planned.orderId);
  return section({ order_id: orderId, ...columns }, (planned) =>
    of(planned).map((each, index): Part<Each> => [each, planned, index]),
  );
}

const order = ({ write }: PlannedWrite) => write.order;
const entry = ({ write }: PlannedWrite) => write.entry;

export const sections = {
  input: section<PlannedWrite>(
    {
      id: text(({ orderId }) => orderId),
      revision: integer((row) => entry(row).revision),
      prev: text(({ current }) => current && current.lastHash),
      process: text((row) => order(row).process),
      version: text((row) => order(row).version),
      digest: text((row) => order(row).digest),
      business_key: text((row) => order(row).businessKey),
      centre: text((row) => order(row).centre),
      status: text((row) => order(row).status),
      outcome: text((row) => order(row).outcome),
      step: text((row) => order(row).step),
      tags: text((row) => arrayLiteral(listed(order(row).tags))),
      snapshot: text((row) => (row.keep === "in the row" ? order(row).snapshot.text : null)),
      hash: text((row) => entry(row).hash),
      at: instant((row) => entry(row).at),
      now: instant(({ now }) => now),
      type: text((row) => entry(row).type),
      line: text((row) => entry(row).line),
      key: text(({ key }) => key && idOf(key)),
      fingerprint: text(({ key }) => key && key.fingerprint),
      answer: text((row) => (row.key === null ? null : answerOf(row))),
      subject: text(({ write }) => write.subject ?? null),
      lease_job: text(({ write }) => write.lease?.id ?? null),
      lease_token: text(({ write }) => write.lease?.token ?? null),
      lease_must: text(({ write }) =>
        write.lease === undefined ? null : (write.lease.must ?? "be running"),
      ),
    },
    (planned) => [planned],
  ),
  checkpoints: section<PlannedWrite>(
    {
      order_id: text(({ orderId }) => orderId),
      revision: integer((row) => entry(row).revision),
      at: instant((row) => entry(row).at),
      digest: text((row) => order(row).digest),
      hash: text((row) => entry(row).hash),
      text: text((row) => order(row).snapshot.text),
    },
    (planned) => (planned.keep === "as checkpoint" ? [planned] : []),
  ),
  subjects: parts<string>({ subject: text(([subject]) => subject) }, ({ current, write }) =>
    current === null && write.subject !== undefined ? [write.subject] : [],
  ),
  sealed: parts<SealedBox>(
    {
      commitment: bytes(([{ commitment }]) => commitmentBytes(commitment)),
      box: bytes(([{ box }]) => box),
    },
    ({ write }) => write.sealed,
  ),
  timersGone: parts<string>({ id: text(([id]) => id) }, ({ write }) => write.timers.cancelled),
  timersSet: parts<NewTimer>(
    { id: text(([{ id }]) => id), due_at: instant(([{ dueAt }]) => dueAt) },
    ({ write }) => write.timers.set,
  ),
  jobsGone: parts<string>({ id: text(([id]) => id) }, ({ write }) => write.jobs.closed),
  jobsOpened: parts<NewJob>(
    {
      id: text(([{ id }]) => id),
      type: text(([{ type }]) => type),
      item: text(([{ item }]) => item),
      input: text(([{ input }]) => JSON.stringify(input)),
      at: instant(([, { now }]) => now),
      centre: text(([, planned]) => order(planned).centre),
      roles: text(([{ roles = [] }]) => arrayLiteral(roles)),
      retries: integer(([{ retries = null }]) => retries),
    },
    ({ write }) => write.jobs.opened,
  ),
  tasksGone: parts<TaskPlace>(
    { item: text(([{ item }]) => item ?? ""), state: text(([{ state }]) => state) },
    ({ write }) => write.tasks.closed,
  ),
  tasksOpened: parts<NewTask>(
    {
      item: text(([{ item }]) => item ?? ""),
      state: text(([{ state }]) => state),
      id: text(([{ id }]) => id),
      process: text(([, planned]) => order(planned).process),
      centre: text(([, planned]) => order(planned).centre),
      role: text(([{ role }]) => role),
      opened_at: instant(([{ openedAt }]) => openedAt),
      due_at: instant(([{ dueAt }]) => dueAt),
    },
    ({ write }) => write.tasks.opened,
  ),
  outbox: parts<NewMessage>(
    {
      revision: integer(([, planned]) => entry(planned).revision),
      position: integer(([, , index]) => index),
      at: instant(([, planned]) => entry(planned).at),
      type: text(([{ type }]) => type),
      item: text(([{ item }]) => item),
      params: text(([{ params }]) => JSON.stringify(params)),
      placeholder_values: text(([{ values }]) => values && JSON.stringify(values)),
    },
    ({ write }) => write.outbox,
  ),
  /** Last, because a batch that tells nobody goes without. */
  told: parts<Occurrence>(
    {
      name: text(([{ name }]) => name),
      type: text(([{ type }]) => type),
      subject: text(([{ subject }]) => subject),
    },
    ({ current, write }) => occurrencesOf(current, write),
  ),
} as const satisfies Readonly<Record<string, Section>>;

/** What a plain write is answered with again: no incident is open, so no job has failed. */
function answerOf({ current, write }: PlannedWrite): string {
  const { status } = write.order;
  return JSON.stringify({ kind: "order", created: current === null, status, failedJobs: [] });
}

/** PostgreSQL's text form of a `text[]`. */
function arrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/[\\"]/g, String.raw`\$&`)}"`).join(",")}}`;
}
