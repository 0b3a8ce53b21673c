/** The one id of a job towards clients: its order's, a dot, and its own in the order. */

export interface JobId {
  readonly orderId: string;
  /** The revision that opened it, a dot, and its place there. */
  readonly id: string;
}

const JOB_ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9]\d{0,8}\.[1-9]\d{0,8})$/i;

export function publicJobId(orderId: string, id: string): string {
  return `${orderId}.${id}`;
}

/** @returns null for what can't be one */
export function parseJobId(text: string): JobId | null {
  const [, orderId, id] = JOB_ID.exec(text) ?? [];
  return orderId === undefined || id === undefined ? null : { orderId: orderId.toLowerCase(), id };
}

/** The revision that opened it. */
export function openedBy({ id }: JobId): number {
  return Number(id.slice(0, id.indexOf(".")));
}
