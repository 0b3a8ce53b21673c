/** The page's script: fetches the texts, plays them, and leaves what came of it in `<output>` as JSON. */

import { play } from "./play.ts";

const [definition, scenarios, flawed] = await Promise.all(
  ["definition.yaml", "scenarios.yaml", "flawed.yaml"].map(async (name) => {
    const response = await fetch(name);
    if (!response.ok) throw new Error(`expected ${name}, found status ${response.status}`);
    return response.text();
  }),
);
const output = document.querySelector("output");
if (output === null) throw new Error("expected an <output> on the page");
output.textContent = JSON.stringify(
  play({ definition: definition ?? "", scenarios: scenarios ?? "", flawed: flawed ?? "" }),
);
