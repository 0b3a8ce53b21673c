/** Exports histories as text, piece by piece: at no time is more held than a page of one order. */

import { createExportWriter, type ExportFormat } from "../audit/export/writer.ts";
import type { OrderPeriod } from "../store/contracts/order-walk.ts";
import type { Scope } from "../store/store.ts";
import { exportedHistories, type ExportReading } from "./exported-histories.ts";
import { createSpool } from "./spool.ts";

export interface ExportRequest extends OrderPeriod {
  readonly format: ExportFormat;
}

export interface ExportProgress {
  readonly orders: number;
  readonly entries: number;
}

/** UTF-16 units that go out together. */
const PIECE = 1 << 16;

/**
 * Only what the scope reaches, and no personal value: those are sealed in the lines, and stay so.
 * @param told of what was read so far, now and then
 * @throws {OrderDamaged} where a history is not whole: an export that left it out would hide it
 * @throws {ArchiveDetached} where an order that may be of the period lies in a month that was taken out
 */
export async function* exportText(
  reading: ExportReading,
  { format, ...period }: ExportRequest,
  scope: Scope,
  told: (progress: ExportProgress) => void = () => undefined,
): AsyncGenerator<string, void> {
  const writer = createExportWriter(format);
  const spool = createSpool();
  let piece = writer.begin();
  let orders = 0;
  let entries = 0;
  try {
    for await (const { order, pages } of exportedHistories(reading, period, scope)) {
      const own = writer.order(order);
      piece += own.begin();
      for await (const page of pages()) {
        for (const entry of page) piece += own.entry(entry);
        entries += page.length;
        if (piece.length < PIECE) continue;
        yield piece;
        piece = "";
      }
      const { now, later } = own.end();
      piece += now;
      await spool.keep(later);
      orders += 1;
      told({ orders, entries });
    }
    yield piece + writer.middle();
    yield* spool.read();
    yield writer.end();
  } finally {
    await spool.drop();
  }
}
