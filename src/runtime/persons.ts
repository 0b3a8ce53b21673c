/** Persons' data stands sealed in orders and history; an answer joins it back for whoever may see it, and for no one else. */

import { commitmentsIn } from "../../machines/schema/tokens.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Json } from "../../machines/json.ts";
import type { SealedRow } from "../audit/seal.ts";
import { maySeePersons } from "./caller.ts";
import type { Caller } from "./engine.ts";
import { openedValues, type Opening } from "./seals.ts";

/** Personal values by commitment; those that are erased are not in it. */
export type Persons = ReadonlyMap<string, Json>;

export interface Vault extends Opening {
  readonly orderId: string;
  /** Values that were sealed just now, and may not be stored. */
  readonly fresh: readonly SealedRow[];
}

/** The values behind all tokens in `value` that this caller may see. */
export async function personsIn(
  value: Json,
  executable: Executable,
  caller: Caller,
  { orderId, fresh, ...opening }: Vault,
): Promise<Persons> {
  if (!maySeePersons(executable, caller)) return new Map();
  const own = new Map(fresh.map(({ commitment, value: sealed }) => [commitment, sealed]));
  const others = commitmentsIn(value).filter((commitment) => !own.has(commitment));
  if (others.length === 0) return own;
  return new Map([...own, ...(await openedValues(opening, orderId, others))]);
}
