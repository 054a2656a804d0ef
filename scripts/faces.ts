/**
 * Sends more generated calls over every face than the tests do: `npm run faces -- --calls 10000 --seed 7`. With `--show`, prints how
 * often each operation succeeded and was refused; with `--shrink`, looks for the smallest day that shows a difference.
 */
import { parseArgs } from "node:util";
import { ended, startTool } from "./run.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "10000" },
    seed: { type: "string" },
    show: { type: "boolean" },
    shrink: { type: "boolean" },
  },
});
const env = {
  ...process.env,
  FACES_CALLS: values.calls,
  ...(values.seed && { FACES_SEED: values.seed }),
  ...(values.show && { FACES_SHOW: "1" }),
  ...(values.shrink && { FACES_SHRINK: "1" }),
};
process.exitCode = await ended(startTool("vitest", ["run", "test/faces.test.ts"], { env }));
