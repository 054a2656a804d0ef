import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonical } from "@dais/kernel/canonical";
import { checkBundle } from "@dais/verify/bundle";
import { checkConsistency } from "@dais/verify/consistency";
import { readKeys } from "@dais/verify/keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildInGo } from "./support/proof/go.ts";
import { acme, type Bundle, entryOf, logOf } from "./support/proof/log.ts";
import { growthOf, rootOf } from "./support/proof/naive.ts";
import { checkpointOf, signer } from "./support/proof/signer.ts";

const folder = mkdtempSync(join(tmpdir(), "dais-go-"));
let built: ReturnType<typeof buildInGo>;
beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  built = buildInGo(join(folder, "go-verify"));
  if ("missing" in built) process.stderr.write(`The verifier in Go was not asked: ${built.missing}.\n`);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true }));

const keys = readKeys([acme.vkey]);
const entries = Array.from({ length: 11 }, (_, n) => entryOf(n));
const log = logOf(entries);
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** What both verifiers say: they must say the same. Where there is no Go, the reason must be one that a machine may have. */
function both(ours: () => unknown, args: string[]): boolean {
  const proven = attempt(ours);
  if ("missing" in built) expect(built.missing).toMatch(/^no Go, and /);
  else {
    const { status, stdout } = spawnSync(built.program, args, { encoding: "utf8" });
    expect([0, 1], stdout).toContain(status);
    expect(status === 0, stdout).toBe(proven);
  }
  return proven;
}
const bundle = (of: Bundle, vkey = acme.vkey) =>
  both(
    () => checkBundle(Buffer.from(canonical(of)), readKeys([vkey])),
    ["bundle", file("bundle.json", canonical(of)), vkey],
  );

describe("Go's own transparency log agrees", () => {
  test("with every honest bundle, whole and erased", () => {
    for (let index = 0; index < entries.length; index += 1) {
      for (const erased of [false, true]) expect(bundle(log.bundle(index, { erased }))).toBe(true);
    }
  });

  test("with refusing forged ones", () => {
    const honest = log.bundle(4);
    const path = honest.proof.split("\n");
    const fork = signer(acme.name, "fork");
    const forged: Bundle[] = [
      { ...honest, entry: log.bundle(5).entry },
      { ...honest, proof: path.toSpliced(2, 1).join("\n") },
      { ...honest, proof: path.toSpliced(2, 0, path[2] as string).join("\n") },
      { ...honest, index: 11, proof: honest.proof.replace("index 4", "index 11") },
      { ...honest, origin: "dais.example.org/audit/other" },
      { ...honest, proof: honest.proof.replace("\n11\n", "\n12\n") },
      { ...honest, entry: { ...honest.entry, facts: { ...honest.entry.facts, actorId: "usr_x" } } },
      logOf(entries, { by: fork }).bundle(4),
      logOf(entries, { by: { ...fork, line: (text) => fork.line(text, acme) } }).bundle(4),
    ];
    for (const of of forged) expect(bundle(of)).toBe(false);
    expect(bundle(honest, signer("dais.example.org/audit/other", "other").vkey)).toBe(false);
  });

  test("with how a log grew, and did not", () => {
    const note = (size: number) => checkpointOf(acme, size, rootOf(log.leaves.slice(0, size)));
    const grown = (from: number, to: number, proof: readonly Buffer[]) => {
      const text = proof.map((hash) => `${hash.toString("base64")}\n`).join("");
      const notes = { earlier: note(from), later: note(to), proof: text };
      const files = Object.entries(notes).map(([name, of]) => file(name, of));
      return both(() => checkConsistency(notes, keys), ["consistency", ...files, acme.vkey]);
    };
    for (const [from, to] of [
      [1, 11],
      [3, 7],
      [4, 8],
      [8, 11],
      [11, 11],
      [6, 11],
      [10, 11],
    ] as const) {
      const proof = growthOf(from, log.leaves.slice(0, to));
      expect(grown(from, to, proof), `${from} to ${to}`).toBe(true);
      expect(grown(from, to, [...proof, log.root]), `${from} to ${to}, and more`).toBe(false);
      if (proof.length > 0) expect(grown(from, to, proof.slice(1)), `${from} to ${to}, less`).toBe(false);
    }
    expect(grown(7, 3, growthOf(3, log.leaves.slice(0, 7)))).toBe(false);
  });
});

function attempt(what: () => unknown): boolean {
  try {
    what();
    return true;
  } catch {
    return false;
  }
}
