import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const rooms = [
  "contracts",
  "drizzle",
  "packages/cap",
  "packages/adapters",
  "packages/client",
  "packages/demo",
  "packages/documents",
  "packages/issuer",
  "packages/jobs",
  "packages/kernel",
  "packages/local",
  "packages/markdown",
  "packages/mock",
  "packages/pdf",
  "packages/verify",
  "apps/api",
  "apps/worker",
];
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
  encoding: "utf8",
}).split("\n");
const roomOf = (path: string) =>
  /^packages\/modules\/\w+(?=\/)/.exec(path)?.[0] ??
  rooms.find((room) => path.startsWith(`${room}/`)) ??
  path.split("/")[0];

/** Biome's noRestrictedImports knows rooms by their names; by a relative path it would not see one being entered. */
describe("the rooms of the house", () => {
  test("are entered by their names: no relative import leaves its own", () => {
    const leaving = files
      .filter((file) => file && !file.startsWith("test/"))
      .flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)].flatMap(([, target]) => {
          const there = roomOf(join(dirname(file), target as string));
          const allowed =
            there === roomOf(file) ||
            (file === "packages/modules/index.ts" && /\/(index|events)\.ts$/.test(target ?? ""));
          return allowed ? [] : [`${file} -> ${target}`];
        }),
      );
    expect(leaving).toEqual([]);
  });
});
