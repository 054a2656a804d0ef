/**
 * Makes a briefing as it is printed, in English, in Arabic and in both: `npm run samples [FOLDER]`, by default into `samples/`. To be looked
 * at before and after a change of how documents look.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { render, stopRendering } from "@dais/pdf/render";
import { sample } from "@dais/pdf/samples";

const folder = process.argv[2] ?? "samples";
mkdirSync(folder, { recursive: true });
for (const languages of ["en", "ar", "both"] as const) {
  const { bytes, pages, sha256 } = await render(sample(languages));
  const path = join(folder, `briefing-${languages}.pdf`);
  writeFileSync(path, bytes);
  process.stdout.write(`${path}: ${pages} pages, ${Math.round(bytes.length / 1000)} kB, SHA-256 ${sha256}\n`);
}
await stopRendering();
