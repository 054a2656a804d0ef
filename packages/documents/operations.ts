import { problemsOf } from "@dais/contracts/kit/possible";
import { type Served, served } from "./served.ts";

/**
 * The contract as a table for people: one line for each operation, so that a difference between two versions of the
 * file is the review of the API.
 */
export function operationsTable(): string {
  const rows = [heading, ...served.map(row)];
  const widths = heading.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    "# Generated from contracts/ by `npm run generate`. Do not edit.",
    `# Every operation may also answer: ${every.join(" ")}`,
    `# Every command may also answer: ${everyCommand.filter((code) => !every.includes(code)).join(" ")}`,
    "",
    ...lines,
    "",
  ].join("\n");
}

/** The codes that all of these operations have, named once above the table so that each line shows what is its own. */
function shared(some: readonly Served[]): string[] {
  const [head, ...others] = some.map(problemsOf);
  return (head ?? []).filter((code) => others.every((codes) => codes.includes(code)));
}
const every = shared(served);
const everyCommand = shared(served.filter(({ kind }) => kind === "command"));

const heading = ["OPERATION", "METHOD", "PATH", "PERMISSION", "RATE", "STATUS", "VERSION", "AGENTS", "MCP", "PROBLEMS"];

function row(operation: Served): string[] {
  const { path, meta } = operation;
  return [
    path,
    meta.openapi.method,
    `/v1${meta.openapi.path}`,
    meta.permission ?? "-",
    meta.rate,
    [operation.kind === "subscription" ? "stream" : meta.status, meta.location, meta.etag ? "ETag" : null]
      .filter(Boolean)
      .join(" "),
    meta.onStale === "merge" ? `${meta.version} (merge)` : meta.version,
    meta.agent,
    meta.mcp ? "tool" : "-",
    own(operation).join(" ") + (meta.deprecated ? ` (deprecated, until ${meta.deprecated.sunset})` : ""),
  ];
}

const own = (operation: Served) => {
  const common = operation.kind === "command" ? everyCommand : every;
  return problemsOf(operation).filter((code) => !common.includes(code));
};
