import { type OpenApi, toolsFromOpenApi } from "./agent-tools.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { errorsPage } from "./errors.ts";
import { eventsPage } from "./events.ts";
import { machinesPage } from "./machines.ts";
import { openApiDocument } from "./openapi.ts";
import { operationsTable } from "./operations.ts";
import { rolesPage } from "./roles.ts";
import { tools } from "./tools.ts";

/** Every generated file: path from the project's root -> its text. They are committed: their difference is the API review. */
export function generatedFiles(): Record<string, string> {
  const document = openApiDocument();
  const generated = "From contracts/ by `npm run generate`. Do not edit.";
  return {
    "contracts/openapi.json": json(document),
    "contracts/asyncapi.json": json(asyncApiDocument()),
    "contracts/tools.json": json({ generated, tools: callable(document) }),
    "contracts/operations.txt": operationsTable(),
    "docs/errors.md": errorsPage(),
    "docs/roles.md": rolesPage(),
    "docs/machines.md": machinesPage(),
    "docs/events-catalogue.md": eventsPage(),
  };
}

/** What agents are offered, as MCP lists it, and how the same is called over HTTP for who knows no MCP. */
function callable(document: object): object[] {
  const http = new Map(toolsFromOpenApi(document as OpenApi).map((tool) => [tool.name, tool.http]));
  return tools().map((tool) => ({ ...tool, http: http.get(tool.name) }));
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
