/** Keeps the streams of one server bounded: how many are open, how long one may take nothing, and that a stop ends them. */

import type { Clock, Log } from "../runtime/ports.ts";
import { ProblemError } from "./problem.ts";

export interface StreamLimits {
  readonly perServer: number;
  readonly perCaller: number;
  /** A reader that takes nothing of what it was offered for this long is cut. */
  readonly stallMs: number;
}

const STREAM_LIMITS: StreamLimits = { perServer: 1_000, perCaller: 100, stallMs: 30_000 };

export interface StreamPlace {
  /** Aborts when the stream shall end. */
  readonly signal: AbortSignal;
  readonly isStopping: () => boolean;
  /** Its reader was given something, and has not taken it yet. */
  readonly offered: () => void;
  readonly taken: () => void;
  /** Must be called in the end; any number of times. */
  readonly leave: () => void;
}

export interface StreamPlaces {
  /** @param cut ends the stream without its reader's help @throws {ProblemError} when there is no place left */
  readonly enter: (sub: string, cut: () => void) => StreamPlace;
}

export interface StreamPlacesPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the server stops: streams end then, and do not hold it up. */
  readonly stopping: AbortSignal;
  readonly limits?: StreamLimits | undefined;
}

/** How often readers are looked after. */
const SWEEP_MS = 1_000;
/** How long a reader may take to read the last word of a server that stops. */
const LAST_WORD_MS = 500;
const RETRY_AFTER_S = "5";

interface Held {
  readonly sub: string;
  readonly end: () => void;
  readonly cut: () => void;
  /** Epoch milliseconds by the server's clock; null: the reader waits for us. */
  offeredAt: number | null;
}

export function createStreamPlaces({
  clock,
  log,
  stopping,
  limits = STREAM_LIMITS,
}: StreamPlacesPorts): StreamPlaces {
  const held = new Set<Held>();
  let isSweeping = false;

  const sweep = async (): Promise<void> => {
    while (held.size > 0) {
      await clock.sleep(SWEEP_MS, stopping);
      if (stopping.aborted) break;
      const now = clock.now();
      for (const each of held) {
        if (each.offeredAt === null || now - each.offeredAt < limits.stallMs) continue;
        log.info({ sub: each.sub }, "a stream's reader took nothing for too long, and was cut");
        each.cut();
      }
    }
    isSweeping = false;
  };
  stopping.addEventListener("abort", () => {
    for (const { end } of held) end();
    void clock.sleep(LAST_WORD_MS, new AbortController().signal).then(() => {
      for (const { cut } of held) cut();
    });
  });

  return {
    enter: (sub, cut) => {
      if (stopping.aborted) throw new ProblemError("shutting-down", "Ask again, another server.");
      if (held.size >= limits.perServer) {
        throw new ProblemError("overloaded", `${limits.perServer} streams are open already.`);
      }
      if (count(held, sub) >= limits.perCaller) {
        const detail = `A caller may hold ${limits.perCaller} streams open on a server; close one, or take GET /v1/stream.`;
        throw new ProblemError("rate-limited", detail, {}, { "Retry-After": RETRY_AFTER_S });
      }
      const ending = new AbortController();
      // Until it is read for the first time it counts as offered: nobody may ever read it.
      const own: Held = { sub, cut, end: () => ending.abort(), offeredAt: clock.now() };
      held.add(own);
      if (!isSweeping) {
        isSweeping = true;
        void sweep();
      }
      return {
        signal: ending.signal,
        isStopping: () => stopping.aborted,
        offered: () => {
          own.offeredAt = clock.now();
        },
        taken: () => {
          own.offeredAt = null;
        },
        leave: () => {
          held.delete(own);
          ending.abort();
        },
      };
    },
  };
}

function count(held: ReadonlySet<Held>, sub: string): number {
  let found = 0;
  for (const each of held) if (each.sub === sub) found += 1;
  return found;
}
