/** How far an audit has come, in a file that is whole after any kill: the same audit goes on from it. */

import { rm } from "node:fs/promises";
import { z } from "zod";
import { replaceFile } from "../../keys/write-once.ts";
import type { AuditProgress } from "../../runtime/auditing/audit-period.ts";
import { readText } from "../../store/files.ts";

/** What is audited: only the very same is gone on with. */
export interface AuditSubject {
  /** Names the database, without anything secret. */
  readonly database: string;
  readonly from: string | null;
  readonly to: string | null;
}

export interface AuditState extends AuditSubject {
  /** When the first of its runs began. */
  readonly began: string;
  readonly progress: AuditProgress;
}

const finding = z.object({
  order: z.string().nullable(),
  revision: z.number().nullable(),
  field: z.string(),
  expected: z.string(),
  found: z.string(),
});

const state = z.object({
  v: z.literal(1),
  database: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  began: z.string(),
  progress: z.object({
    phase: z.enum(["orders", "log", "done"]),
    after: z.string().nullable(),
    orders: z.number(),
    entries: z.number(),
    tooNew: z.number(),
    wrong: z.number(),
    findings: z.array(finding),
    log: z
      .object({
        checkpoint: z.object({
          size: z.number(),
          time: z.number(),
          keyId: z.string(),
          note: z.string(),
        }),
        from: z.number(),
        reached: z.number(),
      })
      .nullable(),
  }),
});

/** Null: there is none, so that the audit begins. `another`: it is of something else, and nobody overwrites it. */
export async function readState(
  path: string,
  subject: AuditSubject,
): Promise<AuditState | "another" | null> {
  const text = await readText(path);
  if (text === null) return null;
  const read = state.safeParse(parsed(text));
  if (!read.success) return "another";
  const { v: _v, ...found } = read.data;
  const isSame =
    found.database === subject.database && found.from === subject.from && found.to === subject.to;
  return isSame ? found : "another";
}

export async function keepState(path: string, kept: AuditState): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ v: 1, ...kept })}\n`);
}

export async function dropState(path: string): Promise<void> {
  await rm(path, { force: true });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
