/** Bodies come as they are, in UTF-8: one that is compressed or in another charset is refused before anybody reads it. */

import { headerOf } from "./header.ts";
import { ProblemError } from "./problem.ts";
import type { Wall } from "./walls.ts";

/** What a few bytes unpack to could be anything, so nothing is unpacked; RFC 9110 section 8.4 asks for 415. */
export const plainBody: Wall = (c) => {
  const coding = headerOf(c, "content-encoding");
  if (coding !== undefined && coding.trim().toLowerCase() !== "identity") {
    throw unsupported("Send the body without a Content-Encoding.", {
      "Accept-Encoding": "identity",
    });
  }
  const charset = CHARSET.exec(headerOf(c, "content-type") ?? "")?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8") {
    throw unsupported("Send the body in UTF-8, the only charset of JSON (RFC 8259 section 8.1).");
  }
};

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

function unsupported(detail: string, headers: { readonly [name: string]: string } = {}) {
  return new ProblemError("media-type-unsupported", detail, {}, headers);
}
