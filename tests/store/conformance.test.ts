/** One suite, every database: what the runtime relies on holds on PGlite as on Postgres. */

import { describeOnDatabases } from "../support/databases.ts";
import { apiKeysConform } from "./conformance/api-keys.ts";
import { changesConform } from "./conformance/changes.ts";
import { definitionsConform } from "./conformance/definitions.ts";
import { idempotencyConforms } from "./conformance/idempotency.ts";
import { feedConforms } from "./conformance/feed.ts";
import { incidentsConform } from "./conformance/incidents.ts";
import { messagesConform } from "./conformance/messages.ts";
import { outsideJobsConform } from "./conformance/outside-jobs.ts";
import { logConforms } from "./conformance/log.ts";
import { listsConform } from "./conformance/lists.ts";
import { readsConform } from "./conformance/reads.ts";
import { reservationsConform } from "./conformance/reservations.ts";
import { webhooksConform } from "./conformance/webhooks.ts";
import { workConforms } from "./conformance/work.ts";

describeOnDatabases("the store", (open, _kind, raw) => {
  changesConform(open);
  readsConform(open);
  listsConform(open);
  definitionsConform(open);
  workConforms(open);
  outsideJobsConform(open);
  idempotencyConforms(open);
  incidentsConform(open);
  reservationsConform(open);
  messagesConform(open);
  apiKeysConform(open);
  feedConforms(open);
  logConforms(open, raw);
  webhooksConform(open);
});
