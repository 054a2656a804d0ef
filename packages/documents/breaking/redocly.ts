import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One difference as Redocly tells it. `path` is a pointer into the newer document, or into the older one for what is gone. */
export type Difference = {
  path: string;
  typeName: string;
  kind: "added" | "removed" | "modified";
  /** What it asks of the version: `major` is what breaks a caller. */
  impact: "major" | "minor" | "patch";
  verdicts: { ruleId: string; impact: string; message: string }[];
  /** The field that was modified. */
  property?: string;
  base?: { value?: unknown };
  revision?: { value?: unknown };
};

/**
 * Every difference between two OpenAPI documents, judged by who sends and who reads: references are followed, also recursive ones.
 * Redocly calls the command experimental, so test/breaking.test.ts holds each rule of it.
 * @see https://redocly.com/docs/cli/commands/diff
 */
export function differences(before: object, after: object): Difference[] {
  const folder = mkdtempSync(join(tmpdir(), "dais-diff-"));
  const file = (name: string) => join(folder, name);
  try {
    writeFileSync(file("before.json"), JSON.stringify(before));
    writeFileSync(file("after.json"), JSON.stringify(after));
    writeFileSync(file("redocly.yaml"), "extends: [diff-recommended]\n");
    const flags = [
      `--config=${file("redocly.yaml")}`,
      "--format=json",
      `--output=${file("out.json")}`,
      "--fail-on=none",
    ];
    const { status, stderr } = redocly(["diff", file("before.json"), file("after.json"), ...flags], folder);
    if (status !== 0) throw new Error(`redocly diff failed: ${stderr}`);
    return JSON.parse(readFileSync(file("out.json"), "utf8")).changes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs Redocly's command line, which then asks nobody on the network for anything, and tells nobody of it. */
export function redocly(args: string[], home: string) {
  const cli = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
  const quiet = {
    REDOCLY_TELEMETRY: "off",
    REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
    REDOCLY_SUPPRESS_NOTIFICATIONS: "true",
  };
  return spawnSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    env: { ...quiet, HOME: home, NO_COLOR: "1" },
  });
}
