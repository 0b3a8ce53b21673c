/** Run when the product is installed: makes beforehand what its first start would have to wait for. */

import { prepareFolder } from "../store/pglite.ts";
import { rehearse } from "./rehearse.ts";

await prepareFolder();
// What was built is packed and runs elsewhere: code is kept for the place where it lies.
if (import.meta.url.endsWith(".ts")) await rehearse();
