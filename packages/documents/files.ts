import { errorsPage } from "./errors.ts";
import { openApiDocument } from "./openapi.ts";
import { operationsTable } from "./operations.ts";
import { tools } from "./tools.ts";

/** Every generated file: path from the project's root -> its text. They are committed: their difference is the API review. */
export function generatedFiles(): Record<string, string> {
  const generated = "From contracts/ by `npm run generate`. Do not edit.";
  return {
    "contracts/openapi.json": json(openApiDocument()),
    "contracts/tools.json": json({ generated, tools: tools() }),
    "contracts/operations.txt": operationsTable(),
    "docs/errors.md": errorsPage(),
  };
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
