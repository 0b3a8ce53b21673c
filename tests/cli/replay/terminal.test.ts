/** Stepping in a real terminal: keys arrive one by one, and the terminal is left as it was found. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { historyOf } from "../../audit/history.ts";
import { LAUNCHER } from "../running-server.ts";
import { bundleFile } from "./bundles.ts";

/** Sits at a pseudo-terminal: waits for a text, presses a key, and so on; says what was written, and how it ended. */
const SITTER = `
import fcntl, json, os, pty, select, struct, sys, termios
program, steps = json.loads(sys.argv[1]), json.loads(sys.argv[2])
child, terminal = pty.fork()
if child == 0: os.execv(program[0], program)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
written = b""
def more(seconds):
    global written
    if not select.select([terminal], [], [], seconds)[0]: return False
    try: data = os.read(terminal, 65536)
    except OSError: return False
    written += data
    return len(data) > 0
for expected, key in steps:
    start = len(written)
    while expected.encode() not in written[start:]:
        if not more(60): sys.exit("never seen: " + expected + "\\n" + written.decode("utf-8", "replace"))
    os.write(terminal, key.encode())
while more(60): pass
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps({"code": code, "end": written[-40:].decode("utf-8", "replace")}))
`;

test("a reader steps through a history and leaves", async () => {
  const { lines } = historyOf([{ type: "WEIGH", payload: { weight: 2 } }, { type: "HAND_OVER" }]);
  const program = [process.execPath, LAUNCHER, "replay", await bundleFile(lines)];
  const steps = [
    ["entry 1 of 3", "\u001b[C"],
    ["entry 2 of 3", "3\r"],
    ["entry 3 of 3", "\u001b[H"],
    ["entry 1 of 3", "d"],
    ["as it was then", "q"],
  ];
  const { stdout } = await promisify(execFile)(
    "python3",
    ["-c", SITTER, JSON.stringify(program), JSON.stringify(steps)],
    { env: { ...process.env, LANG: "en_US.UTF-8", TERM: "xterm" } },
  );
  const { code, end } = JSON.parse(stdout);
  expect(code).toBe(0);
  // The cursor is shown again, and what was on the screen before is back.
  expect(end.endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
}, 120_000);
