/**
 * Arrays in PostgreSQL's binary format (`array_send` in its source): a driver's text form escapes each element, and its
 * cost grows faster than the array.
 */

const BYTES_OID = 17;
const TEXT_OID = 25;
const INTEGER_OID = 23;
const INSTANT_OID = 1184;
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;
/** A `timestamptz` counts microseconds from the beginning of 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** For `text[]`. A text with U+0000 is refused by the database. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = HEADER_BYTES;
  const lengths = values.map((value) => {
    const length = value === null ? NULL_LENGTH : Buffer.byteLength(value);
    bytes += 4 + Math.max(length, 0);
    return length;
  });
  const buffer = begun(TEXT_OID, values, bytes);
  let at = HEADER_BYTES;
  for (const [index, value] of values.entries()) {
    const length = lengths[index] ?? NULL_LENGTH;
    at = buffer.writeInt32BE(length, at);
    if (value !== null) at += buffer.write(value, at, length, "utf8");
  }
  return buffer;
}

/** For `bytea[]`. */
export function bytesArray(values: readonly Uint8Array[]): Buffer {
  const bytes = values.reduce((sum, { length }) => sum + 4 + length, HEADER_BYTES);
  const buffer = begun(BYTES_OID, values, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value.length, at);
    buffer.set(value, at);
    at += value.length;
  }
  return buffer;
}

/** For `integer[]`. @throws {RangeError} beyond 32 bits, and for what is no whole number */
export function integerArray(values: readonly (number | null)[]): Buffer {
  return fixed(INTEGER_OID, 4, values, (buffer, value, at) => {
    if (!Number.isInteger(value)) throw new RangeError(`expected a whole number, found ${value}`);
    return buffer.writeInt32BE(value, at);
  });
}

/** For `timestamptz[]`, from epoch milliseconds. @throws {RangeError} for what is no whole number of them */
export function instantArray(values: readonly (number | null)[]): Buffer {
  return fixed(INSTANT_OID, 8, values, (buffer, value, at) =>
    buffer.writeBigInt64BE(BigInt(value - EPOCH_MS) * 1_000n, at),
  );
}

function fixed(
  oid: number,
  size: number,
  values: readonly (number | null)[],
  write: (buffer: Buffer, value: number, at: number) => number,
): Buffer {
  const present = values.reduce<number>((count, value) => count + (value === null ? 0 : 1), 0);
  const buffer = begun(oid, values, HEADER_BYTES + values.length * 4 + present * size);
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? NULL_LENGTH : size, at);
    if (value !== null) at = write(buffer, value, at);
  }
  return buffer;
}

/** Dimensions, whether there are nulls, the elements' type; then of the one dimension its length and first subscript. */
function begun(oid: number, values: readonly unknown[], bytes: number): Buffer {
  const isEmpty = values.length === 0;
  const buffer = Buffer.allocUnsafe(isEmpty ? 12 : bytes);
  buffer.writeInt32BE(isEmpty ? 0 : 1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  if (isEmpty) return buffer;
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
