/** Who takes part in a bench: each is started once, measured in turns, and stopped; one that can't start is left out. */

import { progress, type Contestant } from "./rounds.ts";

export interface Entrant {
  /** What `--only` calls it. */
  readonly key: string;
  readonly start: () => Promise<Started>;
}

export interface Started {
  /** An entrant may take part in several forms, such as with 64 and with 256 clients. */
  readonly contestants: readonly Contestant[];
  readonly stop: () => Promise<void>;
  /** How it is configured, for whoever reads the results. */
  readonly configuration?: unknown;
}

export interface Field {
  readonly contestants: readonly Contestant[];
  readonly configurations: { readonly [key: string]: unknown };
  readonly stop: () => Promise<void>;
}

/** @param only keys with commas between; empty: all */
export async function startEntrants(entrants: readonly Entrant[], only: string): Promise<Field> {
  const keys = only === "" ? entrants.map(({ key }) => key) : only.split(",");
  const unknown = keys.filter((key) => entrants.every((each) => each.key !== key));
  if (unknown.length > 0) throw new Error(`--only: nobody is called ${unknown.join(", ")}`);
  const started: Started[] = [];
  const configurations: { [key: string]: unknown } = {};
  for (const { key, start } of entrants.filter((each) => keys.includes(each.key))) {
    progress(`starting ${key}`);
    try {
      const it = await start();
      started.push(it);
      configurations[key] = it.configuration ?? "defaults";
    } catch (error) {
      configurations[key] = { leftOut: String(error) };
      process.stderr.write(`${key} is left out: ${String(error)}\n`);
    }
  }
  return {
    contestants: started.flatMap(({ contestants }) => contestants),
    configurations,
    stop: async () => {
      for (const { stop } of started.toReversed()) await stop();
    },
  };
}
