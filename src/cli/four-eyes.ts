/** Where nobody erases a person's data alone: everywhere, unless the operator names the centres that ask for it, or none. */

import type { FourEyes } from "../runtime/ports.ts";

const NOWHERE = "none";
const EVERYWHERE = "all";

/** @param text `all`, `none`, or centres with commas between; what is of no centre asks for it wherever some centre does */
export function fourEyesIn(text: string): FourEyes {
  if (text === NOWHERE) return () => false;
  if (text === EVERYWHERE) return () => true;
  const centres = new Set(text.split(",").map((part) => part.trim()));
  return (centre) => centre === null || centres.has(centre);
}
