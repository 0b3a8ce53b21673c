/** The verifier in Python at work: in one process for many bundles, and as its reader starts it for one. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const VERIFIER = new URL("../../src/audit/evidence/verify.py", import.meta.url).pathname;

export interface Verdict {
  readonly accepted: boolean;
  /** What it said. */
  readonly said: string;
}

export interface PythonVerifier {
  readonly verify: (bundle: Uint8Array, keys: readonly string[]) => Promise<Verdict>;
  readonly stop: () => Promise<void>;
}

/** The very functions that `python3 verify.py` calls, without a new interpreter for each bundle. */
const DRIVER = `
import base64, contextlib, io, json, runpy, sys
verify = runpy.run_path(sys.argv[1])["verify"]
for line in sys.stdin:
    asked = json.loads(line)
    try:
        with contextlib.redirect_stdout(io.StringIO()): said = verify(base64.b64decode(asked["bundle"]), asked["keys"])
        answer = {"accepted": True, "said": said}
    except Exception as error: answer = {"accepted": False, "said": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
`;

export function startPython(verifier = VERIFIER): PythonVerifier {
  const child = spawn("python3", ["-B", "-c", DRIVER, verifier], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    verify: async (bundle, keys) => {
      const asked = { bundle: Buffer.from(bundle).toString("base64"), keys };
      child.stdin.write(`${JSON.stringify(asked)}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error("the verifier has ended");
      return JSON.parse(value);
    },
    stop: async () => {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

/** As the readme says: its exit code is the verdict. */
export function runVerifier(file: string, keys: readonly string[]): Promise<Verdict> {
  return new Promise((resolve) => {
    execFile("python3", ["-B", VERIFIER, file, ...keys], (error, stdout, stderr) => {
      resolve({ accepted: error === null, said: `${stdout}${stderr}` });
    });
  });
}
