/**
 * Compares the API with its last release: `npm run check:document`. Exits 1 where something breaks callers that isn't declared in
 * `contracts/released/on-purpose.json`. With `--markdown FILE`, writes what it says there too.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkDocument } from "./release/document.ts";

const { values } = parseArgs({ options: { markdown: { type: "string" } } });
const { text, fine } = checkDocument();
if (values.markdown) writeFileSync(values.markdown, text);
process.stdout.write(text);
process.exitCode = fine ? 0 : 1;
