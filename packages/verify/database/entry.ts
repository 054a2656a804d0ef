import { commitment, type Half, halves, readHalf } from "../entry.ts";
import { must } from "../flaw.ts";
import { type Json, readJson } from "../json.ts";
import { readHex } from "../text.ts";
import type { LeafRow } from "./rows.ts";

/**
 * The leaf of an entry, from its columns alone; of an erased one the content's commitment is the one that the leaf keeps.
 * @throws Flaw where the columns can't be an entry
 */
export function leafOf(row: LeafRow): Buffer {
  const facts = commitment(readHex(row.factsSalt, "the salt of the facts"), half("facts", row));
  if (!row.erased) {
    must(row.erasureId === null, "names an erasure, and is not erased");
    const content = commitment(readHex(row.contentSalt, "the salt of the content"), half("content", row));
    return Buffer.concat([facts, content]);
  }
  must(row.erasureId !== null, "was erased without an erasure");
  const left = ["contentSalt", ...Object.keys(halves.content)].find((name) => row[name] !== null);
  must(left === undefined, `was erased, and yet has a "${left}"`);
  return Buffer.concat([facts, row.data.subarray(32)]);
}

function half(name: Half, row: LeafRow) {
  const members = Object.entries(halves[name]).map(([member, kind]) => [member, value(kind, row[member])]);
  return readHalf(name, Object.fromEntries(members));
}

function value(kind: string, said: unknown): Json {
  if (said === null || typeof said !== "string") return said as Json;
  if (kind === "moment") return moment(said);
  if (kind === "count?") return Number(said);
  return kind === "texts" || kind === "members?" ? readJson(said, "exact") : said;
}

/** Seconds since 1970 as Postgres writes them, to the microsecond; nothing below a millisecond may be there. */
function moment(seconds: string): string {
  const [, whole, part = ""] = /^(-?\d+)(?:\.(\d+))?$/.exec(seconds) ?? [];
  must(whole !== undefined && /^\d{0,3}0*$/.test(part), `has no moment in "at": ${seconds}`);
  const at = new Date(Math.round(Number(seconds) * 1000));
  must(!Number.isNaN(at.getTime()), `has no moment in "at": ${seconds}`);
  return at.toISOString();
}
