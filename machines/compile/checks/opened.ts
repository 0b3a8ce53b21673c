/** Refuses to open items with data that their collection does not take. */

import { DYN, objectOf } from "../../expression/cel-type.ts";
import type { ItemDeclaration } from "../../document/document.ts";
import type { Reporter } from "../report.ts";
import type { Template } from "../template.ts";
import { checkFits, checkRequired, typeOf } from "./fits.ts";

/** @param template what `open` gives as `value`: an object is the item's data, and may name its id beside it */
export function checkOpened(
  template: Template,
  collection: string,
  { key, data }: ItemDeclaration,
  pointer: string,
  reporter: Reporter,
): void {
  const type = typeOf(data);
  const isObject = template.parts instanceof Map || typeof template.literal === "object";
  if (!isObject || (type.kind !== "object" && data !== undefined)) return;
  const name = `an item of ${collection}`;
  const fields = type.kind === "object" ? type.fields : [];
  const rest = type.kind === "object" ? type.rest : null;
  const named = { ...objectOf([["id", DYN], [key, DYN], ...fields]), rest };
  checkFits(template, { name, type: named }, pointer, reporter);
  checkRequired(template, name, data ?? true, pointer, reporter);
}
