/** Where a stretch of this process's time went: the functions with the most time of their own. */

import { Session } from "node:inspector/promises";
import { rounded } from "../support/statistics.ts";

const SHOWN = 45;
const SAMPLE_US = 200;

export interface Place {
  readonly share: number;
  readonly place: string;
}

export function profiled() {
  const session = new Session();
  return {
    start: async (): Promise<void> => {
      session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
      await session.post("Profiler.start");
    },
    /** In percent of the time that was not idle. */
    stop: async (): Promise<readonly Place[]> => {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      const { nodes, samples = [], timeDeltas = [] } = profile;
      const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
      const spent = new Map<string, number>();
      samples.forEach((id, at) => {
        const name = names.get(id) ?? "";
        if (name !== "(idle)") spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[at] ?? 0));
      });
      const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
      return [...spent]
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, SHOWN)
        .map(([place, us]) => ({ share: rounded((100 * us) / all), place }));
    },
  };
}

function nameOf({
  functionName,
  url,
  lineNumber,
}: {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}): string {
  if (url === "") return functionName;
  const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(src|machines|tests)\//, "$1/");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
