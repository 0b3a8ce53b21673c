/** What a bench starts ends with it, also when the bench fails before it could stop it. */

import type { ChildProcess } from "node:child_process";

export function withTheBench<Child extends ChildProcess>(child: Child): Child {
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}
