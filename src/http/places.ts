/**
 * Lets in as many requests as are answered soon. Whether they are is measured, not configured: by the mean time that those
 * of a short while took, as WeChat's servers do (Zhou et al., "Overload Control for Scaling WeChat Microservices", 2018).
 * Not by the least time, as routers do (RFC 8289 section 3.2): their packets all stand in one line, but what is answered
 * from memory meets no queue, however long writes stand in one. Those for whom there is no place hear so at once.
 */

export interface Places {
  /** Whether `enter` would give one now. */
  readonly hasRoom: (caller: string) => boolean;
  /** @param caller who asks, as far as that is known without a look into the token @returns null: there is no place */
  readonly enter: (caller: string) => Place | null;
}

export interface Place {
  /** The first call counts. @param isTypical whether the time that it took says how long others wait */
  readonly leave: (isTypical: boolean) => void;
}

export interface PlacesPorts {
  /** More are never let in. */
  readonly max: number;
  /** Milliseconds of a clock that only goes forward; absent: this process's. */
  readonly nowMs?: () => number;
}

/** What a queue may cost everybody: a person does not notice it, and what waits longer makes nothing faster. */
const TARGET_MS = 50;
const INTERVAL_MS = 100;
/** So many fill the writer's batches; fewer would cost throughput. */
const LEAST = 320;
/** Whoever would wait for longer had better come again, whatever that costs. */
const PATIENCE_MS = 1_000;
/** A handful is no crowd: to send them away costs more than to let them wait. */
const FEWEST = 24;
/** Answers come by the batch: of fewer than two, a part is no rate. Then an interval is as long as anybody's patience. */
const TELLING = 256;
/** Fewer say nothing, however long that took. */
const SOME = 16;
/** Per interval without a queue. */
const GROWTH = 1.1;
/** What no caller takes alone, so that there is always a way in for another one. */
const KEPT_FREE = 1 / 8;
/** What one caller takes while others are under way. */
const SHARED = 1 / 2;

export function createPlaces({ max, nowMs = sinceStart }: PlacesPorts): Places {
  const least = Math.min(LEAST, max);
  const held = new Map<string, number>();
  let limit = max;
  let underWay = 0;
  /** Since then somebody is under way; null: nobody is. What passes then says nothing about how fast answers come. */
  let busySince: number | null = null;
  let busyMs = 0;
  let answers = 0;
  /** Of all of them together. */
  let waitedMs = 0;

  /** By Little's law as many as are answered within the target. */
  const judge = (now: number): void => {
    const tookMs = busyMs + (busySince === null ? 0 : now - busySince);
    if (tookMs < (answers < TELLING ? PATIENCE_MS : INTERVAL_MS)) return;
    if (answers >= SOME && waitedMs / answers > TARGET_MS) {
      const perMs = answers / tookMs;
      const floor = Math.min(least, Math.max(FEWEST, perMs * PATIENCE_MS));
      limit = Math.min(limit, Math.max(floor, perMs * TARGET_MS));
    } else {
      limit = Math.min(max, limit * GROWTH);
    }
    busyMs = 0;
    if (busySince !== null) busySince = now;
    answers = 0;
    waitedMs = 0;
  };

  /** Where there are few places, all are for whoever comes first. */
  const share = (): number =>
    max < LEAST ? limit : limit * (held.size > 1 ? SHARED : 1 - KEPT_FREE);

  const isRoomFor = (caller: string): boolean => {
    const own = held.get(caller) ?? 0;
    return underWay < limit && (own === 0 || own < share());
  };

  return {
    hasRoom: (caller) => {
      judge(nowMs());
      return isRoomFor(caller);
    },
    enter: (caller) => {
      const enteredAt = nowMs();
      judge(enteredAt);
      if (!isRoomFor(caller)) return null;
      underWay += 1;
      busySince ??= enteredAt;
      held.set(caller, (held.get(caller) ?? 0) + 1);
      let isHeld = true;
      return {
        leave: (isTypical) => {
          if (!isHeld) return;
          isHeld = false;
          underWay -= 1;
          const leftAt = nowMs();
          if (underWay === 0 && busySince !== null) {
            busyMs += leftAt - busySince;
            busySince = null;
          }
          const left = (held.get(caller) ?? 1) - 1;
          if (left === 0) held.delete(caller);
          else held.set(caller, left);
          if (!isTypical) return;
          answers += 1;
          waitedMs += leftAt - enteredAt;
        },
      };
    },
  };
}

function sinceStart(): number {
  return performance.now();
}
