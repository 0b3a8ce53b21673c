/** Many events at once: those of one order in their order, different orders side by side, each line whole by itself. */

import type { BatchLine, Caller, EventRequest, LineResult, WriteOptions } from "./engine.ts";
import { createGate } from "./gate.ts";
import { inLanes } from "./lanes.ts";

/** Of all batches of this server together: the store's queue has room for others too. */
const PLACES = 512;

type SendOne<Result> = (
  caller: Caller,
  id: string,
  event: EventRequest,
  options?: WriteOptions,
) => Promise<Result>;

type SendAll<Result> = (
  caller: Caller,
  lines: readonly BatchLine[],
) => Promise<readonly LineResult<Result>[]>;

/** What throws for a line is that line's answer; the others go on. */
export function createBatch(places = PLACES): <Result>(send: SendOne<Result>) => SendAll<Result> {
  const gate = createGate(places);
  return <Result>(send: SendOne<Result>): SendAll<Result> =>
    async (caller, lines) => {
      const results: LineResult<Result>[] = [];
      const byOrder = Map.groupBy(lines.entries(), ([, { id }]) => id);
      const lanes = Math.min(places, byOrder.size);
      await inLanes([...byOrder.values()], lanes, new AbortController().signal, async (own) => {
        for (const [index, line] of own) results[index] = await gate(() => one(send, caller, line));
      });
      return results;
    };
}

async function one<Result>(
  send: SendOne<Result>,
  caller: Caller,
  { id, event, options }: BatchLine,
): Promise<LineResult<Result>> {
  try {
    return await send(caller, id, event, options);
  } catch (error) {
    return { kind: "failed", error };
  }
}
