/**
 * Tells how old a replica's state may be, by no clock but one: where the primary's log stood at an instant of this
 * process, and whether the replica has replayed it up to there. All that was acknowledged before that instant is then in
 * the replica, however far the clocks of the machines are apart, and however long nothing was written.
 */

export interface FreshnessPorts {
  /** How far the primary's log is on the disk, in bytes; rejects when it can't be asked. */
  readonly written: () => Promise<number>;
  /** How far the replica has replayed it; null: it is no replica (any more). */
  readonly replayed: () => Promise<number | null>;
  /** Monotonic milliseconds of this process. */
  readonly nowMs: () => number;
}

export interface Freshness {
  /**
   * The instant of this process before which everything acknowledged is in the replica, when that is at most so long
   * ago. Null: it is not, or not known to be; then the next question may find it is.
   */
  readonly asOf: (maxStaleMs: number) => Promise<number | null>;
  /** Something went wrong with the replica: it is not asked for a while. */
  readonly distrust: () => void;
}

interface Sample {
  readonly atMs: number;
  readonly position: number;
}

/** A look costs a round trip to both servers, whoever waits for it. */
const LOOK_EVERY_MS = 100;
/** A replica that is behind is measured by looks that long ago. Those between are thinned out. */
const MAX_SAMPLES = 600;
const DISTRUST_MS = 5_000;
/** To wait any longer costs more than to ask the primary. */
const PATIENCE_MS = 250;

export function createFreshness({ written, replayed, nowMs }: FreshnessPorts): Freshness {
  let samples: readonly Sample[] = [];
  let confirmedMs = Number.NEGATIVE_INFINITY;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let distrustedUntilMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;

  const distrust = (): void => {
    confirmedMs = Number.NEGATIVE_INFINITY;
    distrustedUntilMs = nowMs() + DISTRUST_MS;
  };
  const look = async (): Promise<void> => {
    const atMs = nowMs();
    lookedMs = atMs;
    try {
      samples = thinned([...samples, { atMs, position: await written() }]);
    } catch {
      // What was confirmed before stays true: it only grows old.
    }
    try {
      const position = await replayed();
      if (position === null) return distrust();
      const reached = samples.filter((sample) => sample.position <= position);
      const last = reached.at(-1);
      if (last === undefined) return;
      confirmedMs = Math.max(confirmedMs, last.atMs);
      samples = samples.filter(({ atMs: sampledMs }) => sampledMs >= last.atMs);
    } catch {
      distrust();
    }
  };
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };

  return {
    asOf: async (maxStaleMs) => {
      const now = nowMs();
      if (now < distrustedUntilMs) return null;
      const isOld = now - confirmedMs > maxStaleMs / 2;
      if (isOld && now - lookedMs >= LOOK_EVERY_MS) {
        const looked = lookOnce();
        if (now - confirmedMs > maxStaleMs) await withinPatience(looked);
      }
      return nowMs() - confirmedMs <= maxStaleMs ? confirmedMs : null;
    },
    distrust,
  };
}

/** Every second one of the older half goes. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length <= MAX_SAMPLES) return samples;
  const half = MAX_SAMPLES / 2;
  return samples.filter((_, place) => place >= half || place % 2 === 0);
}

async function withinPatience(looked: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  await Promise.race([looked, promise]);
  clearTimeout(timer);
}
