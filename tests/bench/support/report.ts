/** A bench's results on stdout: one line of JSON per measurement, one that sums up, and the same as a table. */

import { describeMachine, type Machine } from "./machine.ts";
import { medians, progress, type Figures, type Rounds } from "./rounds.ts";

export interface Summary {
  /** What the bench was run with. */
  readonly options: object;
  readonly rounds: Rounds;
  /** By what they say, such as `ours over HTTP / naive server`; null: one of the two is missing. */
  readonly ratios?: { readonly [name: string]: number | null };
  /** Versions beside the product's own: the database's, the peers'. */
  readonly versions?: { readonly [name: string]: string };
  /** What else there is to know, such as how a peer was configured. */
  readonly more?: object;
}

export interface Report {
  /** For `measured`. */
  readonly tell: (contestant: string, round: number, figures: Figures) => void;
  readonly end: (summary: Summary) => void;
}

/** Call it before any load is put on the machine: how busy it was already is part of what is told. */
export async function startReport(bench: string): Promise<Report> {
  const machine = await describeMachine();
  const at = new Date().toISOString();
  return {
    tell: (contestant, round, figures) => {
      console.log(JSON.stringify({ bench, contestant, round, ...figures }));
    },
    end: (summary) => sumUp(bench, at, machine, summary),
  };
}

function sumUp(
  bench: string,
  at: string,
  { packages, ...machine }: Machine,
  { options, rounds, ratios = {}, versions = {}, more = {} }: Summary,
): void {
  progress("");
  const summed = Object.fromEntries(
    Object.entries(rounds).map(([contestant, each]) => [contestant, medians(each)]),
  );
  const of = { machine, versions: { ...packages, ...versions }, options, ...more };
  console.log(JSON.stringify({ bench, at, medians: summed, ratios, ...of }));
  console.table(summed);
  if (Object.keys(ratios).length > 0) {
    console.table(Object.fromEntries(Object.entries(ratios).map(([name, x]) => [name, { x }])));
  }
}
