/** What a write lets the world outside know: event types and names that follow from the history alone. */

import type { Occurrence } from "./contracts/deliveries.ts";
import type { OrderWrite, StoredOrder } from "./store.ts";

/**
 * In the order in which they are told: the order itself, what it sends out, what it opens, its end.
 * @param current before the write; null: it makes the order
 */
export function occurrencesOf(
  current: StoredOrder | null,
  { entry, order, outbox, jobs, tasks }: OrderWrite,
): readonly Occurrence[] {
  const { revision } = entry;
  const change = current === null ? "created" : "changed";
  return [
    { type: `sevenstep.work-order.${change}`, name: `${revision}_${change}`, subject: null },
    ...outbox.map(({ type }, index) => ({
      type: `sevenstep.effect.${type}`,
      name: `${revision}_effect_${index}`,
      subject: String(index),
    })),
    ...jobs.opened.map(({ id }, index) => ({
      type: "sevenstep.job.opened",
      name: `${revision}_job_${index}`,
      subject: id,
    })),
    // A task's row goes when the task is closed, maybe before it is told: it goes along.
    ...tasks.opened.map((task, index) => ({
      type: "sevenstep.task.opened",
      name: `${revision}_task_${index}`,
      subject: JSON.stringify(task),
    })),
    ...(order.status === "done"
      ? [{ type: "sevenstep.work-order.done", name: `${revision}_done`, subject: null }]
      : []),
  ];
}

/** @param number the incident's in its order */
export function incidentOccurrence(change: "opened" | "closed", number: number): Occurrence {
  return {
    type: `sevenstep.incident.${change}`,
    name: `incident_${number}_${change}`,
    subject: String(number),
  };
}
