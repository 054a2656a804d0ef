import { createHash } from "node:crypto";
import { element, within } from "../file/tags.ts";
import { write } from "../file/write.ts";
import { type DocumentInput, inLanguage, languagesOf, limits, type Made, plainNames } from "../input.ts";
import { type Flow, turn } from "../page/flow.ts";
import { themes } from "../page/theme.ts";
import { NotRendered } from "../refusal.ts";
import { oneLine } from "../text/clean.ts";
import { furnish } from "./furniture.ts";
import { part } from "./part.ts";
import { proof } from "./proof.ts";
import { titlePage } from "./title.ts";

/**
 * Makes a document: a title page, each language's part, the proof. A function of its input and nothing else.
 * @throws {NotRendered} `too_long`
 */
export async function make(given: DocumentInput): Promise<Made> {
  const input = plainNames(given);
  const fingerprint = JSON.stringify(input);
  if (fingerprint.length > limits.characters)
    throw new NotRendered("too_long", `The document has more than ${limits.characters} characters.`);
  const languages = languagesOf(input);
  const [first] = languages as ["en" | "ar"];
  const flow: Flow = { fonts: new Map(), sheets: [], rtl: themes[first].rtl, y: 0 };
  const root = element("Document", { lang: first });

  turn(flow);
  titlePage(flow, within(root, "Part"), input);
  for (const language of languages) {
    flow.rtl = themes[language].rtl;
    turn(flow);
    part(flow, within(root, "Part", { lang: language }), input, language);
  }
  flow.rtl = themes[first].rtl;
  proof(flow, within(root, "Part"), input);
  furnish(flow, input);

  const bytes = await write({
    title: oneLine(inLanguage(input.title, first)),
    author: oneLine(inLanguage(input.organisation, first)),
    lang: first,
    madeAt: new Date(input.madeAt),
    fingerprint,
    fonts: flow.fonts,
    sheets: flow.sheets,
    root,
    attachments: [
      {
        name: "proof.json",
        mediaType: "application/json",
        description: "Proof of the approval",
        bytes: Buffer.from(input.proof.bundleJson),
      },
      {
        name: "checkpoint.txt",
        mediaType: "text/plain",
        description: "The checkpoint that the proof leads to",
        bytes: Buffer.from(input.proof.checkpoint),
      },
    ],
  });
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex"), pages: flow.sheets.length };
}
