/** Table `keystore`: one row, the keystore that the database is tied to. */

import type { Context } from "../context.ts";
import type { KeystoreBond } from "../contracts/keystore-bond.ts";

export interface KeystoreTable {
  readonly only_one: boolean;
  readonly id: string;
}

export function keystoreBondOn({ db }: Context): KeystoreBond {
  return {
    tie: async (id) => {
      await db
        .insertInto("keystore")
        .values({ only_one: true, id })
        .onConflict((conflict) => conflict.column("only_one").doNothing())
        .execute();
      return (await db.selectFrom("keystore").select("id").executeTakeFirstOrThrow()).id;
    },
    tieAnew: async (id) => {
      await db
        .insertInto("keystore")
        .values({ only_one: true, id })
        .onConflict((conflict) => conflict.column("only_one").doUpdateSet({ id }))
        .execute();
    },
  };
}
