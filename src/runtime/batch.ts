/** Many events at once: those of one order in their order, different orders side by side, each line whole by itself. */

import type { BatchLine, Caller, LineResult, Orders } from "./engine.ts";
import { createGate } from "./gate.ts";
import { inLanes } from "./lanes.ts";

/** Of all batches of this server together: the database's connections are left to others too. */
const PLACES = 6;

/** What throws for a line is that line's answer; the others go on. */
export function createBatch(send: Orders["send"]): Orders["sendAll"] {
  const gate = createGate(PLACES);
  return async (caller, lines) => {
    const results: LineResult[] = [];
    const byOrder = Map.groupBy(lines.entries(), ([, { id }]) => id);
    await inLanes([...byOrder.values()], PLACES, new AbortController().signal, async (own) => {
      for (const [index, line] of own) results[index] = await gate(() => one(send, caller, line));
    });
    return results;
  };
}

async function one(
  send: Orders["send"],
  caller: Caller,
  { id, event, options }: BatchLine,
): Promise<LineResult> {
  try {
    return await send(caller, id, event, options);
  } catch (error) {
    return { kind: "failed", error };
  }
}
