/** Money as a text that reads the same in every language: the currency's code, then its major units. */

import { Fault } from "./frame.ts";
import { quoted } from "./value.ts";
import type { Value, ValueObject } from "./value.ts";

/** `{ amount: 12800, currency: "CNY" }` is `CNY 128.00`; amounts are whole minor units. */
export function moneyText({ amount = null, currency = null }: ValueObject): string {
  if (!isAmount(amount))
    throw new Fault(`money() takes whole minor units, found ${quoted(amount)}`);
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency))
    throw new Fault(`money() takes an ISO 4217 code, found ${quoted(currency)}`);
  const digits = MINOR_DIGITS.get(currency) ?? 2;
  const sign = amount < 0 ? "-" : "";
  const minor = `${Math.abs(amount)}`.padStart(digits + 1, "0");
  const major = minor.slice(0, minor.length - digits);
  return `${currency} ${sign}${major}${digits > 0 ? `.${minor.slice(-digits)}` : ""}`;
}

function isAmount(value: Value): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

/** ISO 4217: the currencies in use whose minor unit is no hundredth. */
const MINOR_DIGITS: ReadonlyMap<string, number> = new Map([
  ...[
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
  ].map((currency) => [currency, 0] as const),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((currency) => [currency, 3] as const),
]);
