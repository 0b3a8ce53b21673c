/** Which orders an export or a report is about, as it is said on the command line. */

import { InvalidArgumentError } from "commander";
import { epochMs } from "../../../machines/time/instant.ts";
import type { OrderPeriod } from "../../store/contracts/order-walk.ts";
import { periodIn } from "../backtest/period.ts";
import type { Period } from "../histories/histories.ts";

export interface Wanted {
  readonly period?: Period;
  readonly process?: string;
  readonly centre?: string;
}

/** Who works beside the database reaches all of it. */
export const EVERYTHING = { centres: "*" } as const;

export function wantedIn({ period, process, centre }: Wanted): OrderPeriod {
  return {
    ...(period === undefined ? {} : { from: epochMs(period.from), to: epochMs(period.to) }),
    ...(process === undefined ? {} : { process }),
    ...(centre === undefined ? {} : { centre }),
  };
}

/** @throws {InvalidArgumentError} with the complaint, for what is no period */
export function periodOption(complaint: string): (text: string) => Period {
  return (text) => {
    const period = periodIn(text);
    if (period === null) throw new InvalidArgumentError(complaint);
    return period;
  };
}
