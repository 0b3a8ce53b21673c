/** What each bundle says of itself: how to verify it without us, with the program that does. */

import { readFileSync } from "node:fs";
import { sha256 } from "../entry.ts";
import type { Readme } from "./bundle.ts";

let read: Readme | null = null;

/** The same for every bundle of a release. */
export function bundleReadme(): Readme {
  if (read !== null) return read;
  const verifier = readFileSync(new URL("verify.py", import.meta.url), "utf8");
  read = { text: textFor(sha256(verifier)), verifier };
  return read;
}

function textFor(verifierHash: string): string {
  return `This file proves what happened to one work order. It needs no server, and nothing of whoever wrote it.

To verify it with python3 and openssl 1.1.1 or newer:

  python3 -c 'import json,sys; print(json.loads(open(sys.argv[1],"rb").read().split(b"\\n")[1])["verifier"],end="")' BUNDLE > verify.py
  python3 verify.py BUNDLE KEY

KEY is the public key of the log named in the first line, one line that begins with the log's name. Get it from somebody
other than whoever gave you this file. The verifier has at most 80 lines: read them, or compare their SHA-256 with the one
that was published, since a file can't vouch for its own verifier. Here it is
${verifierHash}.

"sevenstep verify BUNDLE --key KEY" does the same and also replays every entry under the definition in this file: the state
after it, separation of duties, timers, declared effects.

ACCEPTED means: these are the order's entries from the first to the last one here, to the byte and in this order; the
definitions are those under which they happened; each opened value is the one that was entered; and all of it stood in the
log at the time that the checkpoint names. It does not say that no entry came after the last one here, nor that what people
entered is true. Values that are not opened were withheld from whoever asked for this file, or erased; nothing depends on
them.

本文件证明一张工单的全部经过，验证时不需要服务器，也不需要信任出具者。用 python3 与 openssl 1.1.1 以上版本，按上面两条命令验证；KEY 是首行
所指日志的公钥，请从出具本文件以外的渠道取得。验证程序不超过 80 行，请自行阅读，或将其 SHA-256 与公布值比对。ACCEPTED 表示：所列记录自
第一条至最后一条逐字节、按此顺序为真；流程定义正是当时所用；公开的值正是当时录入的值；且在检查点所载时间之前均已进入日志。它不表示最后
一条之后没有新的记录，也不保证人所录入的内容属实。未公开的值是对索取者保密或已被删除的，证明不依赖于它们。
`;
}
