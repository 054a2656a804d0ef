import { operations } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { problemsOf } from "@dais/contracts/kit/possible";

/**
 * The contract as a table for people: one line for each operation, so that a difference between two versions of the
 * file is the review of the API.
 */
export function operationsTable(): string {
  const rows = [heading, ...[...operations.values()].map(row)];
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
function shared(some: readonly Operation[]): string[] {
  const [head, ...others] = some.map(problemsOf);
  return (head ?? []).filter((code) => others.every((codes) => codes.includes(code)));
}
const all = [...operations.values()];
const every = shared(all);
const everyCommand = shared(all.filter(({ kind }) => kind === "command"));

const heading = ["OPERATION", "METHOD", "PATH", "PERMISSION", "RATE", "STATUS", "VERSION", "AGENTS", "MCP", "PROBLEMS"];

function row(operation: Operation): string[] {
  const { path, meta } = operation;
  return [
    path,
    meta.openapi.method,
    `/v1${meta.openapi.path}`,
    meta.permission ?? "-",
    meta.rate,
    [meta.status, meta.location, meta.etag ? "ETag" : null].filter(Boolean).join(" "),
    meta.onStale === "merge" ? `${meta.version} (merge)` : meta.version,
    meta.agent,
    meta.mcp ? "tool" : "-",
    own(operation).join(" ") + (meta.deprecated ? ` (deprecated, until ${meta.deprecated.sunset})` : ""),
  ];
}

const own = (operation: Operation) => {
  const common = operation.kind === "command" ? everyCommand : every;
  return problemsOf(operation).filter((code) => !common.includes(code));
};
