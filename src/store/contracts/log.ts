/** What the store tells whoever operates it. */

/** Fields hold ids and codes, never what people wrote. */
export interface StoreLog {
  readonly warn: (fields: object, message: string) => void;
}
