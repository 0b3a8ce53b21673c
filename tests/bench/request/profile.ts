/** Where a stretch of this process's time went: the functions with the most time of their own, and with all that they call. */

import { Session, type Profiler } from "node:inspector/promises";
import { rounded } from "../support/statistics.ts";

const SHOWN = 90;
const SAMPLE_US = 200;

/** In percent of the time that was not idle; `share` is its own. */
export interface Place {
  readonly share: number;
  readonly whole: number;
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
    stop: async (): Promise<readonly Place[]> => {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      return places(profile);
    },
  };
}

function places({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): readonly Place[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ownUs = new Map<number, number>();
  samples.forEach((id, at) => ownUs.set(id, (ownUs.get(id) ?? 0) + (timeDeltas[at] ?? 0)));
  const own = new Map<string, number>();
  const whole = new Map<string, number>();
  const open = new Set<string>();
  const add = (to: Map<string, number>, name: string, us: number): void => {
    to.set(name, (to.get(name) ?? 0) + us);
  };
  const walk = (node: Profiler.ProfileNode): number => {
    const name = nameOf(node.callFrame);
    if (name === IDLE) return 0;
    const isOutermost = !open.has(name);
    open.add(name);
    let us = ownUs.get(node.id) ?? 0;
    add(own, name, us);
    for (const child of node.children ?? []) {
      const below = byId.get(child);
      if (below !== undefined) us += walk(below);
    }
    if (!isOutermost) return us;
    open.delete(name);
    add(whole, name, us);
    return us;
  };
  const [root] = nodes;
  const all = root === undefined ? 0 : walk(root);
  const share = (us: number | undefined): number => rounded((100 * (us ?? 0)) / all);
  return [...whole]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([place, us]) => ({ share: share(own.get(place)), whole: share(us), place }));
}

const IDLE = "(idle)";

function nameOf({ functionName, url, lineNumber }: Profiler.ProfileNode["callFrame"]): string {
  if (url === "") return functionName;
  const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(src|machines|tests)\//, "$1/");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
