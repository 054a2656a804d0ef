import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redocly } from "@dais/documents/breaking/redocly";
import { boundedPattern, longestMatch } from "@dais/documents/lint/pattern";
import { withBounds } from "@dais/documents/openapi/bounds";
import { afterAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const document = join(root, "contracts/openapi.json");
const home = mkdtempSync(join(tmpdir(), "dais-lint-"));
afterAll(() => rmSync(home, { recursive: true }));

describe("contracts/openapi.json", () => {
  test("passes Redocly's recommended-strict", () => {
    const config = `--config=${join(root, "redocly.yaml")}`;
    const { status, stdout, stderr } = redocly(
      ["lint", document, config, "--format=json", "--lint-config=error"],
      home,
    );
    expect(status, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout).totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
  });

  test("passes Spectral's rules for OpenAPI and OWASP's, hints included", () => {
    const spectral = join(root, "node_modules/.bin/spectral");
    const flags = [
      "lint",
      document,
      "--fail-severity=hint",
      "--format=text",
      `--ruleset=${join(root, ".spectral.yaml")}`,
    ];
    const { status, stdout, stderr } = spawnSync(spectral, flags, { encoding: "utf8", cwd: root });
    expect(status, stdout + stderr).toBe(0);
  }, 400_000);

  test("every rule that is turned off says why", () => {
    const lines = readFileSync(join(root, ".spectral.yaml"), "utf8").split("\n");
    const off = lines.flatMap((line, n) => (/^ {2}\S+: off$/.test(line) ? [lines[n - 1]] : []));
    expect(off.length).toBeGreaterThan(0);
    for (const before of off) expect(before).toMatch(/^ {2}# .+\.$/);
    expect(readFileSync(join(root, "redocly.yaml"), "utf8")).not.toMatch(/: (off|warn)|skip/);
  });
});

describe("withBounds", () => {
  test("says of an integer how wide it is, and of a text how long, where its schema implies it", () => {
    const given = {
      a: { type: "integer", minimum: 0, maximum: 9 },
      b: { type: "integer" },
      c: { type: "string", pattern: "^ab?$" },
    };
    expect(withBounds(given)).toMatchObject({ a: { format: "int32" }, b: { format: "int64" }, c: { maxLength: 2 } });
  });

  test("leaves alone what has bounds, has none, or is data", () => {
    const given = {
      a: { type: "string", pattern: "^a$", maxLength: 5 },
      b: { type: "string", pattern: "^a" },
      c: { example: { type: "integer" }, enum: [{ type: "integer" }] },
    };
    expect(withBounds(given)).toEqual(given);
  });
});

test.each([
  ["^key_[0-7][0-9a-z]{25}$", 30],
  ["^[a-z][a-z0-9_-]{0,39}$", 40],
  ["^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$", 44],
  ["^(ab?|c{3,7}|\\.)$", 7],
  ["^(?:a[\\]b]x){2}$", 6],
])("longestMatch %s: %i", (pattern, length) => {
  expect(boundedPattern(pattern)).toBe(true);
  expect(longestMatch(pattern)).toBe(length);
});
