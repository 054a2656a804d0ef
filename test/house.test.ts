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

/** Files share a process: what a module says when it is loaded is heard for the first of them only, and within a hook for none. */
describe("the helpers of the tests", () => {
  test("end what they began by `afterFile` or `onTestFinished`, not by a hook of their own", () => {
    const hooked = files.filter(
      (file) =>
        file.startsWith("test/support/") &&
        file !== "test/support/after.ts" &&
        /\b(before|after)(All|Each)\(/.test(readFileSync(file, "utf8")),
    );
    expect(hooked).toEqual([]);
  });
});
