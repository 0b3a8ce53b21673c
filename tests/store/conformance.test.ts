/** One suite, every database: what the runtime relies on holds on PGlite as on Postgres. */

import { describeOnDatabases } from "../support/databases.ts";
import { changesConform } from "./conformance/changes.ts";

describeOnDatabases("the store", (open) => {
  changesConform(open);
});
