/** The archive of closed orders: what moves them there, and what an operator does with its months. */

import type { Context } from "../context.ts";
import type { Archive } from "../contracts/archive.ts";
import { attachMonth, detachMonth, listMonths, prepareMonths } from "./archive-months.ts";
import { moveToArchive } from "./archive-move.ts";

export function archiveOn(context: Context): Archive {
  return {
    move: (request) => moveToArchive(context, request),
    prepare: () => prepareMonths(context),
    months: () => listMonths(context.db),
    detach: (month) => detachMonth(context, month),
    attach: (month) => attachMonth(context, month),
  };
}
