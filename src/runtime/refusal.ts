/** Every way in which the engine says no to a caller: values from a closed set, and nothing was written. */

import type { Text } from "../../machines/document/document.ts";
import type { Finding } from "../../machines/finding.ts";
import type { Rejected, RejectionCode } from "../../machines/order.ts";
import type { BlockedAnswer, EnabledAnswer } from "./work-order.ts";

/** The pure core's rejections, and what only the world around an order can refuse. */
export type RefusalCode =
  | RejectionCode
  /** No such thing, or not one that this caller may know of. */
  | "not-found"
  /** `If-Match` names another revision than the order's; `currentRevision` says which. */
  | "revision-mismatch"
  /** What is stored is not what happened: `verify` says where. */
  | "history-diverged"
  /** The log has no checkpoint yet that covers the order's last entry. */
  | "evidence-pending"
  /** No value of the order is sealed where `disclose` says. */
  | "disclosure-unknown"
  /** A stream was asked to go on from a place that its entries have not come to. */
  | "position-unknown"
  /** The id that the caller chose is not free, wherever it is in use; this request did not use it. */
  | "id-unavailable"
  /** No order waits for the message, and it was not to be kept. */
  | "message-unmatched"
  /** Several orders wait for the message: `orders` names them. */
  | "message-ambiguous"
  /** No order can be told by these fields: they are personal, or unknown to every process that knows the event. */
  | "correlation-invalid"
  /** The caller has as many kept messages as one may. */
  | "messages-full"
  /** The message was delivered, refused or out of time before. */
  | "message-ended"
  | "definition-unknown"
  /** Errors in the document; all of them stand in `findings`. */
  | "definition-invalid"
  /** Judging it takes more time or memory than a judgement may. */
  | "definition-too-costly"
  /** What the rules of a migration name is not there, or does not fit; all of it stands in `findings`. */
  | "migration-rules-invalid"
  /** Too many definitions wait to be judged. */
  | "judges-busy"
  /** This process and version are published with other content. */
  | "version-published"
  /** The caller's token does not reach this centre. */
  | "centre-not-allowed"
  | "test-clock-unknown"
  /** A test clock was asked to go back. */
  | "test-clock-backwards"
  /** The order did not come to rest while its test clock was advanced. */
  | "test-clock-stuck"
  /** Somebody else has taken the task; `assignee` says who. */
  | "task-claimed"
  /** Another claim holds the job, or none. */
  | "lease-lost"
  | "incident-closed"
  /** What the request was answered told of a person whose data were erased since. */
  | "answer-erased"
  /** The process is the engine's own: nobody else publishes or starts it. */
  | "process-reserved"
  /** The person's data are restricted, and so are kept. */
  | "person-restricted"
  /** The key names another request of this caller. */
  | "idempotency-key-reused"
  /** The first request under the key has not ended. */
  | "idempotency-in-progress"
  /** Nothing may be sent to that address. */
  | "webhook-url-refused"
  /** There are as many webhooks as there may be. */
  | "webhook-limit"
  /** Nothing is sent while the webhook is disabled. */
  | "webhook-disabled";

export interface FieldError {
  /** JSON Pointer (RFC 6901) into the request's data or payload. */
  readonly pointer: string;
  readonly message: string;
}

export interface Refused {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** For its reader: what was expected, what was found, what to do. */
  readonly detail: string;
  /** Why, in every language there are words for; `detail` then says no more. */
  readonly words?: Text;
  readonly errors?: readonly FieldError[];
  /** The guard, rule or invariant that refused, as written in the document. */
  readonly because?: string;
  /** JSON Pointer into the document, of what refused. */
  readonly pointer?: string;
  readonly findings?: readonly Finding[];
  /** With a refused event: what the caller may send instead, and what the state knows but refuses. */
  readonly enabled?: readonly EnabledAnswer[];
  readonly blocked?: readonly BlockedAnswer[];
  readonly currentRevision?: number;
  /** Ids of orders between which the request does not decide. */
  readonly orders?: readonly string[];
  readonly assignee?: string;
  /** Told before, under the same idempotency key, and told again. */
  readonly replayed?: true;
}

export function refused(
  code: RefusalCode,
  detail: string,
  more: Omit<Refused, "kind" | "code" | "detail"> = {},
): Refused {
  return { kind: "refused", code, detail, ...more };
}

/** The pure core's refusal, as it is. */
export function refusedBy({ kind: _kind, code, detail, ...more }: Rejected): Refused {
  return refused(code, detail, more);
}

/** The stored history can't be believed from this revision on. */
export function historyDiverged(id: string, revision: number, field: string): Refused {
  return refused(
    "history-diverged",
    `Expected the history that order ${id} made, found another at revision ${revision}, in \`${field}\`: what is stored was altered. \`POST /v1/work-orders/${id}/verify\` tells what was expected there and what was found; restore the order from a copy that verifies.`,
  );
}

/** What the caller decided on is not what the order is. */
export function revisionMismatch(revision: number): Refused {
  const detail = `Expected the order as the caller has seen it, found it at revision ${revision}: read it again, and decide again.`;
  return refused("revision-mismatch", detail, { currentRevision: revision });
}

export function orderNotFound(id: string): Refused {
  return refused("not-found", `Expected a work order, found none with the id "${id}".`);
}
