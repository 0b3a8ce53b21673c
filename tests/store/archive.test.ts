/** Closed orders in the archive, on every database. */

import { describeOnDatabases } from "../support/databases.ts";
import { archiveConforms } from "./conformance/archive.ts";

describeOnDatabases("the store", (open, _kind, raw) => archiveConforms(open, raw));
