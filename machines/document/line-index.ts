/** Turns offsets into a text into line numbers. */

/** The line, counted from 1, that holds the character at `offset`. */
export type LineAt = (offset: number) => number;

export function lineIndex(text: string): LineAt {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
