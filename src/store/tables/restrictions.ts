/** Table `restrictions`: whose data nobody reads for now, one row for each case that asks for it. */

import { sql, type RawBuilder } from "kysely";

import type { Context } from "../context.ts";
import type { TimestampColumn } from "../database.ts";
import type { Persons } from "../contracts/persons.ts";

export interface RestrictionsTable {
  /** The tag of whose data it is. */
  readonly subject: string;
  /** The work order of the case. */
  readonly case_id: string;
  readonly since: TimestampColumn;
}

export function restrictionsOn(
  context: Context,
): Pick<Persons, "restrict" | "lift" | "isRestricted"> {
  const { db } = context;
  return {
    restrict: async (subject, caseId) => {
      await db
        .insertInto("restrictions")
        .values({ subject, case_id: caseId, since: sql<string>`${context.instant()}` })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    lift: async (subject, caseId) => {
      await db
        .deleteFrom("restrictions")
        .where("subject", "=", subject)
        .where("case_id", "=", caseId)
        .execute();
    },
    isRestricted: async (subject) => {
      const { rows } = await sql<{ readonly restricted: boolean }>`
        select ${restricted(sql`${subject}::text`)} as restricted`.execute(db);
      return rows[0]?.restricted === true;
    },
  };
}

/** @param subject an SQL expression: the tag of whose data it is */
export function restricted(subject: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from restrictions where restrictions.subject = ${subject})`;
}
