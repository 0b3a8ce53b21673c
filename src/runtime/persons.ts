/** Persons' data stands sealed in orders and history; an answer joins it back for whoever may see it, and for no one else. */

import { commitmentsIn } from "../../machines/schema/tokens.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Json } from "../../machines/json.ts";
import type { SealedValue, Store } from "../store/store.ts";
import { maySeePersons } from "./caller.ts";
import type { Caller } from "./engine.ts";

/** Personal values by commitment; those that are erased are not in it. */
export type Persons = ReadonlyMap<string, Json>;

export interface Vault {
  readonly store: Store;
  readonly orderId: string;
  /** Values that were sealed just now, and may not be stored. */
  readonly fresh: readonly SealedValue[];
}

/** The values behind all tokens in `value` that this caller may see. */
export async function personsIn(
  value: Json,
  executable: Executable,
  caller: Caller,
  { store, orderId, fresh }: Vault,
): Promise<Persons> {
  if (!maySeePersons(executable, caller)) return new Map();
  const own = new Map(fresh.map(({ commitment, value: sealed }) => [commitment, sealed]));
  const others = commitmentsIn(value).filter((commitment) => !own.has(commitment));
  if (others.length === 0) return own;
  return new Map([...own, ...(await store.sealed.open(orderId, others))]);
}
