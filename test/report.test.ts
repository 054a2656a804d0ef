import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readReport } from "../scripts/test-report.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";

afterEach(cleanUp);

describe("the sum of a test run", () => {
  it("counts what passed and what failed", () => {
    expect(count(1, ["passed", "passed", "failed"])).toMatchObject({ passed: 2, failed: 1, lines: [] });
  });

  it.each(["skipped", "pending", "todo", "disabled"])("counts a test that is %s as failed, and names it", (status) => {
    expect(count(0, ["passed", status])).toEqual({
      passed: 1,
      failed: 1,
      lines: ["Skipped, so failed: test 1 (/a.test.ts)"],
    });
  });

  it("leaves out what the caller's name filter left out", () => {
    expect(count(0, ["passed", "skipped"], ["-t", "name"])).toMatchObject({ passed: 1, failed: 0 });
  });

  it("counts a file that could not be loaded as failed", () => {
    expect(count(1, [])).toMatchObject({ passed: 0, failed: 1 });
  });

  it("counts a run without a single test, without a report, or with a bad end as failed", () => {
    expect(readReport(report([]), 0, [])).toMatchObject({ passed: 0, failed: 1 });
    expect(readReport("/nowhere/report.json", 0, [])).toMatchObject({ passed: 0, failed: 1 });
    expect(count(1, ["passed"])).toMatchObject({ passed: 1, failed: 1 });
  });
});

function count(code: number, statuses: string[], args: string[] = []) {
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }));
  return readReport(report([{ name: "/a.test.ts", status: "passed", assertionResults }]), code, args);
}

function report(testResults: object[]): string {
  const path = join(scratchFolder(), "report.json");
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}
