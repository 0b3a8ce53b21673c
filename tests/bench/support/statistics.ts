/** The few figures that benches are summed up by. */

/** The upper one of two that stand in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share 0.99: the value that 99 of 100 don't exceed */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Four significant digits: what a bench can tell apart, and more. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
