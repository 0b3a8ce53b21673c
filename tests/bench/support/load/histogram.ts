/**
 * Latencies in buckets of under 1.6 % width from a microsecond to hours, after HdrHistogram: recording costs the same for
 * the first value as for the millionth, and no quantile is lost to sampling.
 */

/** Buckets per power of two. */
const SUB_BUCKETS = 64;
const POWERS = 34;

export interface Histogram {
  readonly record: (ms: number) => void;
  readonly count: () => number;
  /** Milliseconds that this share of the values does not exceed; NaN when there are none. */
  readonly quantile: (share: number) => number;
  readonly max: () => number;
}

export function createHistogram(): Histogram {
  const counts = new Uint32Array(POWERS * SUB_BUCKETS);
  let count = 0;
  let max = 0;
  return {
    record: (ms) => {
      const place = placeOf(ms * 1_000);
      counts[place] = (counts[place] ?? 0) + 1;
      count += 1;
      if (ms > max) max = ms;
    },
    count: () => count,
    quantile: (share) => {
      let left = Math.ceil(count * share);
      for (const [place, each] of counts.entries()) {
        left -= each;
        if (left <= 0 && each > 0) return Math.min(max, upperEnd(place) / 1_000);
      }
      return Number.NaN;
    },
    max: () => (count === 0 ? Number.NaN : max),
  };
}

/** Below two sub-bucket counts each microsecond has its own; above, each power of two is cut into as many. */
function placeOf(us: number): number {
  const whole = Math.max(0, Math.floor(us));
  if (whole < SUB_BUCKETS) return whole;
  const power = Math.floor(Math.log2(whole)) - Math.log2(SUB_BUCKETS);
  const within = Math.floor(whole / 2 ** power) - SUB_BUCKETS;
  return Math.min((power + 1) * SUB_BUCKETS + within, POWERS * SUB_BUCKETS - 1);
}

function upperEnd(place: number): number {
  if (place < SUB_BUCKETS) return place + 1;
  const power = Math.floor(place / SUB_BUCKETS) - 1;
  return (SUB_BUCKETS + (place % SUB_BUCKETS) + 1) * 2 ** power;
}
