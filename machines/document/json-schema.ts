/** The JSON Schema (2020-12) by which editors complete and explain definitions while they are written. */

import { z } from "zod";
import { definition } from "./schema.ts";

const TITLE = "A process definition";
const SCHEMA_LINE = "# yaml-language-server: $schema=../definition.schema.json";

/** The text of `definitions/definition.schema.json`; a definition names it by a comment on its first line. */
export function definitionJsonSchema(): string {
  const schema = z.toJSONSchema(definition, { target: "draft-2020-12", unrepresentable: "any" });
  const described = { ...schema, title: TITLE, description: `In YAML, begin with: ${SCHEMA_LINE}` };
  return `${JSON.stringify(described, null, 2)}\n`;
}
