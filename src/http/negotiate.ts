/** Chooses a representation by the caller's weights: proactive negotiation of RFC 9110 section 12. */

export interface Weighted {
  /** In lower case, without its parameters. */
  readonly value: string;
  /** 0 to 1. */
  readonly weight: number;
}

/** Reads a list such as `text/html;q=0.8, application/json`; a weight that can't be read counts as 1. */
export function weighted(header: string): readonly Weighted[] {
  return header
    .split(",")
    .map((part) => {
      const [value = "", ...parameters] = part
        .split(";")
        .map((piece) => piece.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      const weight = q === undefined ? 1 : Number(q);
      return { value, weight: weight >= 0 && weight <= 1 ? weight : 1 };
    })
    .filter(({ value }) => value !== "");
}

/**
 * @param offers media types, the server's favourite first
 * @returns the offer that the caller likes best, or null when none is acceptable
 */
export function negotiate<Offer extends string>(
  accept: string | undefined,
  offers: readonly Offer[],
): Offer | null {
  const ranges = weighted(accept ?? "*/*");
  if (ranges.length === 0) return offers[0] ?? null;
  let best: Offer | null = null;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(offer, ranges);
    if (weight > bestWeight) {
      best = offer;
      bestWeight = weight;
    }
  }
  return best;
}

/** The most specific range that matches decides, wherever it stands. */
function weightOf(offer: string, ranges: readonly Weighted[]): number {
  const [type = ""] = offer.split("/", 1);
  for (const pattern of [offer, `${type}/*`, "*/*"]) {
    const range = ranges.find(({ value }) => value === pattern);
    if (range !== undefined) return range.weight;
  }
  return 0;
}
