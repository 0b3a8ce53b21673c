/** What the store throws when a caller's request can't be met; anything else that it throws is a defect or the database's. */

/** A worker acted on a job whose lease ended or went to another. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** A kept message was to be delivered that was delivered, withdrawn or out of time before. */
export class MessageGone extends Error {
  override readonly name = "MessageGone";
}

/** What was asked for lies in a month of the archive that was taken out of the database. */
export class ArchiveDetached extends Error {
  override readonly name = "ArchiveDetached";
  /** The order's: to others it looks absent. */
  readonly centre: string | null;
  constructor(message: string, centre: string | null) {
    super(message);
    this.centre = centre;
  }
}

/** What is stored of an order is not what happened, so that it can't be given: `verify` says where and how. */
export class OrderDamaged extends Error {
  override readonly name = "OrderDamaged";
  readonly id: string;
  /** The order's: to others it looks absent. */
  readonly centre: string | null;
  readonly revision: number;
  /** Of that revision's entry, as `verify` names it. */
  readonly field: string;
  constructor(
    { id, centre }: { readonly id: string; readonly centre: string | null },
    { revision, field }: { readonly revision: number; readonly field: string },
  ) {
    super(`The stored history of order ${id} is damaged at revision ${revision}, in ${field}.`);
    this.id = id;
    this.centre = centre;
    this.revision = revision;
    this.field = field;
  }
}

/** The feed names an entry that is not in its history, or lacks one itself: somebody removed it, or took its month out of the database. */
export class EntryMissing extends Error {
  override readonly name = "EntryMissing";
  constructor(
    position: number,
    entry: { readonly orderId: string; readonly revision: number } | null,
  ) {
    const which = entry === null ? "" : `: revision ${entry.revision} of order ${entry.orderId}`;
    super(
      `The entry at position ${position} of the feed is missing${which}. The log goes on when it is back: attach its month of the archive, or restore it from a backup.`,
    );
  }
}

/** A list was asked to go on from a cursor that no page gave. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

/** An order was to be created on a test clock that does not exist. */
export class TestClockUnknown extends Error {
  override readonly name = "TestClockUnknown";
}

/** The data folder is open in another process. */
export class FolderLocked extends Error {
  override readonly name = "FolderLocked";
}

/** The database can't be reached or does not answer in time; trying again later may help. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** An incident was to be closed that is closed already. */
export class IncidentClosed extends Error {
  override readonly name = "IncidentClosed";
}

/** More changes wait than the store will take on; nothing was done, and trying again in a moment may help. */
export class StoreBusy extends Error {
  override readonly name = "StoreBusy";
}

/**
 * Somebody else held a lock for too long, such as a migration that writes a table anew: nothing was done, and trying again
 * later may help. PostgreSQL error codes, appendix A: lock not available.
 */
export function isLockedOut(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "55P03";
}
