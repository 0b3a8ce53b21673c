/** Reads `traceparent`, by which a caller's own trace goes on in this server (W3C Trace Context, section 3.2). */

import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { Context } from "@opentelemetry/api";

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** Later versions may add to what version 00 says, and mean it by what they share with it. */
export function remoteContext(header: string | undefined): Context | null {
  const [, version, traceId = "", spanId = "", flags = "", more] =
    TRACEPARENT.exec(header ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) {
    return null;
  }
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return null;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
