/** Refuses roles that the document does not know, wherever it names who may do something. */

import type { DefinitionDocument } from "../../document/document.ts";
import { childOf } from "../../document/pointer.ts";
import type { Reporter } from "../report.ts";
import { listed } from "../report.ts";

/** Who may do what names no roles, beside every role of the document. */
export const ADMIN = "admin";

/** @param pointer of the declaration whose `by` it is */
export function checkRoles(
  by: readonly string[] | undefined,
  document: DefinitionDocument,
  pointer: string,
  reporter: Reporter,
): void {
  const roles = document.roles ?? [];
  for (const [index, role] of (by ?? []).entries()) {
    if (roles.includes(role) || role === ADMIN) continue;
    reporter.error(
      "unknown-role",
      childOf(pointer, "by", String(index)),
      `Expected a role of the document, found "${role}".`,
      `The roles are ${listed(roles)}; add "${role}" to \`roles\` if it is one.`,
    );
  }
}
