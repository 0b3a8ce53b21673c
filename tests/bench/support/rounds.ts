/**
 * Measures contestants in turn, A B A B, so that what else the machine does falls on all of them; ratios are taken within
 * a round and only then summed up by their median.
 */

import { median, rounded } from "./statistics.ts";

export type Figures = { readonly [figure: string]: number };

export interface Contestant {
  readonly name: string;
  /** One measurement, of the same length each time. Round 0 warms up and does not count. */
  readonly run: (round: number) => Promise<Figures>;
  /** Of the processes that do the work, the database's aside. */
  readonly pids?: readonly number[];
}

/** Per contestant, a round's figures each, in the order of the rounds. */
export type Rounds = { readonly [contestant: string]: readonly Figures[] };

export interface RoundsOptions {
  readonly rounds: number;
  /** Rounds that come first and do not count; absent: one. */
  readonly warmUps?: number;
  /** Told of each measurement as soon as it is made. */
  readonly tell: (contestant: string, round: number, figures: Figures) => void;
}

/** A contestant that fails leaves the bench, with its error on stderr; the others go on. */
export async function measured(
  contestants: readonly Contestant[],
  { rounds, warmUps = 1, tell }: RoundsOptions,
): Promise<Rounds> {
  const figures = new Map<string, readonly Figures[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 1 - warmUps; round <= rounds; round += 1) {
    for (const { name, run } of contestants) {
      const before = figures.get(name);
      if (before === undefined) continue;
      progress(`round ${Math.max(round, 0)}/${rounds}: ${name}`);
      try {
        const found = await run(Math.max(round, 0));
        if (round < 1) continue;
        figures.set(name, [...before, found]);
        tell(name, round, found);
      } catch (error) {
        figures.delete(name);
        process.stderr.write(`${name} leaves the bench: ${String(error)}\n`);
      }
    }
  }
  return Object.fromEntries(figures);
}

/** Each figure's median over the rounds. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, rounded(median(rounds.map((each) => each[name] ?? Number.NaN)))]),
  );
}

/** The median of the rounds' ratios `ours / theirs`; null when one of the two has left the bench. */
export function ratio(all: Rounds, figure: string, ours: string, theirs: string): number | null {
  const [a, b] = [all[ours] ?? [], all[theirs] ?? []];
  const ratios = a.flatMap((each, round) => {
    const [above, below] = [each[figure], b[round]?.[figure]];
    return above === undefined || below === undefined ? [] : [above / below];
  });
  return ratios.length === 0 ? null : rounded(median(ratios));
}

/** One line on stderr, written over the one before it on a terminal. */
export function progress(text: string): void {
  const { stderr } = process;
  stderr.write(stderr.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
}
