/** Written from the OpenAPI document by `npm run generate`. */

export type TestClock = {
  readonly id: string;
  /** Format: date-time. */
  readonly now: string;
};

export type CreateTestClock = {
  /** Format: date-time. */
  readonly now?: string;
};

export type AdvancedTestClock = {
  readonly id: string;
  /** Format: date-time. */
  readonly now: string;
  /** false: it stopped on the way, at `now` */
  readonly arrived: boolean;
};

export type AdvanceTestClock = {
  /** Format: date-time. */
  readonly to: string;
};
