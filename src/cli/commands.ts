/** Every command beside `serve`: a server's start needs none of them, and does not load them. */

import type { Command } from "commander";
import { archiveCommand } from "./archive.ts";
import { auditCommand } from "./audit.ts";
import { backtestCommand } from "./backtest.ts";
import { checkCommand } from "./check.ts";
import { conformanceCommand } from "./conformance.ts";
import { demoCommand } from "./demo.ts";
import { distributeCommand } from "./distribute.ts";
import { eraseCommand } from "./erase.ts";
import { exportCommand } from "./export.ts";
import { evidenceCommand } from "./evidence.ts";
import { historyLogCommand } from "./history-log.ts";
import { keysCommand } from "./keys.ts";
import { migrateCommand } from "./migrate.ts";
import { partitionCommand } from "./partition.ts";
import { replayCommand } from "./replay.ts";
import type { Terminal } from "./terminal.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";
import { typesCommand } from "./types.ts";
import { verifyCommand } from "./verify.ts";
import { VOLUME_WORDS } from "./volume-words.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

export function otherCommands(terminal: Terminal): readonly Command[] {
  const { commands } = FRAME_WORDS[cliLanguage(terminal)];
  const { commands: volume } = VOLUME_WORDS[cliLanguage(terminal)];
  return [
    tokenCommand(terminal),
    checkCommand(terminal).description(commands.check),
    testCommand(terminal).description(commands.test),
    typesCommand(terminal).description(commands.types),
    demoCommand(terminal),
    evidenceCommand(terminal),
    verifyCommand(terminal),
    replayCommand(terminal),
    backtestCommand(terminal),
    exportCommand(terminal),
    conformanceCommand(terminal),
    migrateCommand(terminal),
    auditCommand(terminal),
    historyLogCommand(terminal),
    keysCommand(terminal),
    eraseCommand(terminal),
    archiveCommand(terminal).description(volume.archive),
    distributeCommand(terminal).description(volume.distribute),
    partitionCommand(terminal).description(volume.partition),
  ];
}
