/**
 * Begins what a server waits for longest, before most of the product is loaded: each of it has a thread of its own, and
 * loading takes the whole of this one.
 */

import { createJudgePool, type JudgePool } from "../runtime/judge-pool.ts";
import type { Judge } from "../runtime/judgement.ts";
import { claimFolder, isWithoutDatabase, type ClaimedFolder } from "../store/claim-folder.ts";
import { BadEnvironment, readEnvironment, type Variables } from "./environment.ts";
import { foreseeing } from "./publish-folder.ts";

export interface Begun {
  readonly judges: JudgePool;
  readonly judge: Judge;
  /** Absent: nobody has taken the data folder yet. */
  readonly claimed?: Promise<ClaimedFolder>;
}

/** Anything but a plain start of a server on the embedded database begins nothing. */
export async function begin(args: readonly string[], variables: Variables): Promise<Begun> {
  const judges = createJudgePool();
  const nothing = { judges, judge: judges.judge };
  const environment = isPlainStart(args) ? environmentIn(variables) : null;
  if (environment === null || environment.databaseUrl !== undefined) return nothing;
  const { dataFolder, definitionsFolder } = environment;
  const isFirst = isWithoutDatabase(dataFolder);
  const claimed = claimFolder(dataFolder);
  // The server itself meets the refusal, and tells it.
  const isClaimed = await claimed.then(
    () => true,
    () => false,
  );
  if (!isFirst || !isClaimed) return { ...nothing, claimed };
  return { judges, judge: foreseeing(judges.judge, definitionsFolder), claimed };
}

function isPlainStart([command = "serve", ...rest]: readonly string[]): boolean {
  return command === "serve" && rest.length === 0;
}

/** Null: it will be refused, and a server that is refused leaves nothing behind. */
function environmentIn(variables: Variables): ReturnType<typeof readEnvironment> | null {
  try {
    return readEnvironment(variables);
  } catch (error) {
    if (error instanceof BadEnvironment) return null;
    throw error;
  }
}
