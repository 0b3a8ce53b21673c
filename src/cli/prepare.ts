/** Run when the product is installed: makes beforehand what its first start would have to wait for. */

import { prepareFolder } from "../store/pglite.ts";

await prepareFolder();
