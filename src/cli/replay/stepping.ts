/** Where a reader stands in a history, and where each key leads: nothing is drawn or read here. */

import type { CliLanguage } from "../words.ts";

export interface Standpoint {
  /** Of the frame. */
  readonly index: number;
  /** Lines of it that are scrolled away. */
  readonly scroll: number;
  /** Whether the whole order is shown in place of the entry. */
  readonly isWhole: boolean;
  /** Digits of a revision that is being typed. */
  readonly typed: string;
  readonly language: CliLanguage;
}

/** What there is to see from where the reader stands. */
export interface Extent {
  readonly frames: number;
  /** Lines of the frame, and how many of them have room. */
  readonly lines: number;
  readonly rows: number;
}

/** @returns null: the reader leaves */
export function afterKey(at: Standpoint, key: string, extent: Extent): Standpoint | null {
  const go = (index: number): Standpoint => ({
    ...at,
    ...{ scroll: 0, typed: "", index: Math.max(0, Math.min(extent.frames - 1, index)) },
  });
  const scrollTo = (line: number): Standpoint => ({
    ...at,
    scroll: Math.max(0, Math.min(extent.lines - extent.rows, line)),
  });
  if (/^\d$/.test(key)) return { ...at, typed: `${at.typed}${key}`.slice(0, MOST_DIGITS) };
  switch (key) {
    case "q":
    case "escape":
    case "ctrl+c":
    case "ctrl+d":
      return null;
    case "right":
    case "n":
    case "space":
      return go(at.index + 1);
    case "left":
    case "p":
    case "b":
      return go(at.index - 1);
    case "home":
      return go(0);
    case "end":
      return go(extent.frames - 1);
    case "return":
    case "enter":
      return at.typed === "" ? go(at.index + 1) : go(Number(at.typed) - 1);
    case "backspace":
      return { ...at, typed: at.typed.slice(0, -1) };
    case "down":
    case "j":
      return scrollTo(at.scroll + 1);
    case "up":
    case "k":
      return scrollTo(at.scroll - 1);
    case "pagedown":
      return scrollTo(at.scroll + extent.rows);
    case "pageup":
      return scrollTo(at.scroll - extent.rows);
    case "d":
      return { ...at, isWhole: !at.isWhole, scroll: 0 };
    case "l":
      return { ...at, language: at.language === "en" ? "zh" : "en", scroll: 0 };
    default:
      return at;
  }
}

const MOST_DIGITS = 9;
