/** Reads an option that is a whole number from one to a most. */

import { InvalidArgumentError } from "commander";

/** @throws {InvalidArgumentError} with the complaint, for anything else */
export function countUpTo(most: number, complaint: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d{1,4}$/.test(text) || count < 1 || count > most) {
      throw new InvalidArgumentError(complaint);
    }
    return count;
  };
}
