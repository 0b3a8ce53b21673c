/** What people and workers write without a schema is sealed, and histories that hold it in clear still replay. */

import { expect, test } from "vitest";
import { freeTexts } from "../../src/audit/free-text.ts";

const error = { code: "broken", message: "Grace's parcel" };

test.each([
  ["job.failed", { job: "1", error, claim: "0123" }, ["/error/message"]],
  ["job.failed", { job: "1", error }, []],
  ["job.completed", { job: "1", output: {}, reason: "by hand" }, ["/reason"]],
  ["job.completed", { job: "1", output: {} }, []],
  ["timer.cancelled", { timer: "1", reason: "not needed" }, ["/reason"]],
  ["order.migrated", { reason: "the new rules" }, ["/reason"]],
  ["DELIVER", { reason: "of the document's own schema" }, []],
])("of %s with %j stands at %j", (type, payload, pointers) => {
  expect(freeTexts(type, payload)).toEqual(pointers);
});
