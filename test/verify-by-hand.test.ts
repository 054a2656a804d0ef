import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { canonical } from "@dais/kernel/canonical";
import { expect, test } from "vitest";
import { verifier } from "./support/proof/cli.ts";
import { acme, entryOf, logOf } from "./support/proof/log.ts";

const root = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const paper = read("docs/verify.md");
const entries = [12, 8, 5].map((n) => entryOf(n));
const log = logOf(entries);

test("the example is a bundle of the format, and its files are parts of it", () => {
  const bundle = log.bundle(1);
  expect(JSON.parse(read("docs/verify/bundle.json"))).toEqual(bundle);
  expect(read("docs/verify/facts.txt")).toBe(canonical(bundle.entry.facts));
  expect(read("docs/verify/content.txt")).toBe(canonical(bundle.entry.content));
  expect(read("docs/verify/checkpoint.txt")).toBe(log.checkpoint);
  for (const salt of [bundle.entry.factsSalt, bundle.entry.contentSalt]) expect(paper).toContain(`commitment ${salt}`);
  for (const hash of bundle.proof.split("\n").slice(2, 4)) expect(paper).toContain(`printf ${hash} | base64 -d`);
});

test("the paper's commands print what it says they do", () => {
  const blocks = [...paper.matchAll(/^```sh test\n(.*?)^```$/gms)].map(([, text]) => text as string).join("");
  const said = [...blocks.matchAll(/^# -> (.*)$/gm)].map(([, line]) => line);
  const { stdout, stderr, status } = spawnSync("bash", ["-c", `set -euo pipefail\n${blocks}`], {
    cwd: root,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  expect(stdout.trim().split("\n")).toEqual(said);
  expect(said.length).toBeGreaterThan(10);
});

test("0: the verifier proves the example by the paper's key", async () => {
  expect(paper).toContain(`npm run verify -- bundle.json --key '${acme.vkey}'`);
  const { status, stdout } = await verifier([join(root, "docs/verify/bundle.json"), "--key", acme.vkey]);
  expect([status, stdout]).toEqual([0, expect.stringContaining("Proven: entry 1 of dais.example.org/audit/acme")]);
});
