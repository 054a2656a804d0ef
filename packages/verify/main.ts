/**
 * Checks proofs of the audit log, with nothing of the system that made them.
 * Exit status: 0 proven, 1 false, 2 asked wrongly.
 */
import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { checkBundle, largestBundle } from "./bundle.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkConsistency } from "./consistency.ts";
import { checkDatabaseAt } from "./database/connect.ts";
import { Flaw, Usage } from "./flaw.ts";
import { type Key, readKeys } from "./keys.ts";
import { readText } from "./text.ts";
import { checkTiles } from "./tiles.ts";
import { bundleTold, checkpointTold, databaseTold, listed, shown } from "./told.ts";

const usage = `npm run verify -- BUNDLE.json --key KEY
npm run verify -- --consistency EARLIER LATER --proof FILE --key KEY
npm run verify -- --tiles FOLDER-OR-URL --checkpoint FILE --key KEY
npm run verify -- --database URL --tenant SLUG --checkpoint FILE --key KEY

  --key KEY        a verifier key, or a file with one a line; may be repeated. Get it some other way than the proof.
  --witnesses N    how many witnesses (whose keys are given, too) must have signed the checkpoint
  --json           for programs
`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  key: { type: "string", multiple: true },
  witnesses: text,
  json: flag,
  help: flag,
  consistency: flag,
  proof: text,
  tiles: text,
  checkpoint: text,
  database: text,
  tenant: text,
} as const;

process.exitCode = await main(process.argv.slice(2));

type Answer = { ok: boolean; told: string; data: object };

async function main(args: string[]): Promise<number> {
  let json = args.includes("--json");
  try {
    const { values, positionals } = parsed(args);
    json = values.json ?? false;
    if (values.help) return tell(usage);
    const { ok, told, data } = await answer(values, positionals);
    tell(json ? `${JSON.stringify({ ok, ...data })}\n` : told);
    return ok ? 0 : 1;
  } catch (error) {
    if (error instanceof Flaw) {
      tell(json ? `${JSON.stringify({ ok: false, flaw: error.message })}\n` : `NOT PROVEN: ${shown(error.message)}\n`);
      return 1;
    }
    if (!(error instanceof Usage)) throw error;
    process.stderr.write(
      json ? `${JSON.stringify({ ok: false, usage: error.message })}\n` : `${shown(error.message)}\n\n${usage}`,
    );
    return 2;
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

async function answer(values: ReturnType<typeof parsed>["values"], files: string[]): Promise<Answer> {
  const { tiles, database } = values;
  const ways = [tiles, database, values.consistency].filter((way) => way !== undefined).length;
  if (ways > 1 || files.length !== (values.consistency ? 2 : ways === 0 ? 1 : 0))
    throw new Usage("one thing at a time can be checked");
  const needed = (name: "proof" | "checkpoint" | "tenant") => values[name] ?? complain(`--${name} is missing`);
  const keys = readKeys((values.key ?? []).map((key) => (isKey(key) ? key : textOf(key))));
  const witnesses = witnessesAsked(values.witnesses, keys);
  if (values.consistency) {
    const [earlier = "", later = ""] = files.map(textOf);
    const checked = checkConsistency({ earlier, later, proof: textOf(needed("proof")) }, keys, witnesses);
    const told = `Proven: the log has only grown, from ${checked.earlier.size} to ${checked.later.size} entries\n`;
    return {
      ok: true,
      told: told + listed(checkpointTold(checked.later)),
      data: { earlier: plain(checked.earlier), later: plain(checked.later) },
    };
  }
  if (tiles !== undefined) {
    const checkpoint = await checkTiles(tiles, textOf(needed("checkpoint")), keys, witnesses);
    const told = `Proven: the tiles hold the whole log\n${listed(checkpointTold(checkpoint))}`;
    return { ok: true, told, data: { checkpoint: plain(checkpoint) } };
  }
  if (database !== undefined) {
    const asked = { slug: needed("tenant"), note: textOf(needed("checkpoint")), keys, witnesses };
    const checked = await checkDatabaseAt(database, asked);
    return {
      ok: checked.wrong === 0 && checked.erasing === 0,
      told: databaseTold(checked),
      data: { ...checked, checkpoint: plain(checked.checkpoint) },
    };
  }
  const proven = checkBundle(bytes(files[0] as string), keys, witnesses);
  const { index, facts, content, checkpoint } = proven;
  return {
    ok: true,
    told: bundleTold(proven),
    data: { index, facts, content, contentShown: content !== null, checkpoint: plain(checkpoint) },
  };
}

/** A verifier key has two plus signs around its id; a file that is called so may be written `./name`. */
function isKey(said: string): boolean {
  return /^[^\s+]+\+[0-9a-f]{8}\+/u.test(said);
}

function witnessesAsked(said: string | undefined, keys: readonly Key[]): number {
  if (said === undefined) return 0;
  const most = keys.filter(({ role }) => role === "witness").length;
  if (!/^\d{1,3}$/.test(said)) throw new Usage("--witnesses wants a number");
  if (Number(said) > most) throw new Usage(`--witnesses ${said} can't be met: keys of ${most} witnesses are given`);
  return Number(said);
}

function bytes(path: string): Buffer {
  try {
    if (statSync(path).size > largestBundle) throw new Flaw(`${path} is larger than 16 MiB`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Flaw) throw error;
    throw new Usage(`${path} can't be read: ${(error as Error).message}`);
  }
}
function textOf(path: string): string {
  return readText(bytes(path));
}

function plain({ root, ...rest }: Checkpoint) {
  return { ...rest, root: root.toString("base64") };
}

function complain(about: string): never {
  throw new Usage(about);
}

function tell(told: string): number {
  process.stdout.write(told);
  return 0;
}
