/**
 * Makes one statement of calls that come while another one is under way: a call alone goes at once, and many cost little
 * more than one. A call that can't be done fails alone.
 */

import { StoreUnavailable } from "./errors.ts";

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** @param run does all or nothing, and gives a result per item, in their order */
export function gathered<Item, Result>(
  most: number,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  const waiting: Call<Item, Result>[] = [];
  let isRunning = false;

  const runAll = async (calls: readonly Call<Item, Result>[]): Promise<void> => {
    try {
      const results = await run(calls.map(({ item }) => item));
      for (const [index, { resolve, reject }] of calls.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error(`expected ${calls.length} results`));
        else resolve(result);
      }
    } catch (error) {
      if (calls.length === 1 || error instanceof StoreUnavailable) {
        for (const { reject } of calls) reject(error);
      } else {
        await Promise.all(calls.map((call) => runAll([call])));
      }
    }
  };
  const drain = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) await runAll(waiting.splice(0, most));
    isRunning = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void drain();
    });
}
