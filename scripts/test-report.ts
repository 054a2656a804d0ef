import { readFileSync } from "node:fs";

export interface Sum {
  passed: number;
  failed: number;
}

interface Report {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

/**
 * Counts a Vitest run from its JSON report: what didn't run counts as failed, and a line says which and why.
 *
 * The exit code has the last word: a run that ended badly never counts as free of failures.
 */
export function readReport(path: string, code: number, args: string[]): Sum & { lines: string[] } {
  const report = read(path);
  if (!report) return { passed: 0, failed: 1, lines: ["Failed: Vitest ended without a report."] };
  const sum = { passed: 0, failed: 0, lines: [] as string[] };
  const fail = (line?: string) => {
    sum.failed++;
    if (line) sum.lines.push(line);
  };
  for (const file of report.testResults) {
    if (file.assertionResults.length === 0) fail(`Failed: no test ran in ${file.name}`);
    for (const { status, fullName } of file.assertionResults) {
      if (status === "passed") sum.passed++;
      else if (status === "failed") fail();
      else if (!isFilteredByName(args)) fail(`Skipped, so failed: ${fullName} (${file.name})`);
    }
  }
  if (sum.passed + sum.failed === 0) fail("Failed: no test ran.");
  if (code !== 0 && sum.failed === 0) fail(`Failed: Vitest ended with ${code} for a reason outside the tests.`);
  return sum;
}

// Who asks for some names has asked for the others to be left out.
function isFilteredByName(args: string[]): boolean {
  return args.some((arg) => arg === "-t" || arg.startsWith("--testNamePattern"));
}

function read(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
