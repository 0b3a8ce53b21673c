/** What is said of a bundle: what is proved, or the first thing in it that is not as it was. */

/** `place`: a line of the file, an entry by its revision, or a part of the bundle. */
export interface Refuted {
  readonly kind: "refuted";
  readonly place: string;
  readonly expected: string;
  readonly found: string;
}

export function refuted(place: string, expected: string, found: string): Refuted {
  return { kind: "refuted", place, expected, found };
}
