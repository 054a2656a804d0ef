import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { leafHashOf, rootOf } from "./naive.ts";

/**
 * Lays a log out as files, as it would be published, for a checkpoint of its whole size.
 * @see https://c2sp.org/tlog-tiles
 */
export function writeTiles(folder: string, data: readonly Buffer[], checkpoint: string): void {
  const write = (path: string, bytes: Buffer | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  write("checkpoint", checkpoint);
  for (const [number, part] of parts(data)) {
    const framed = part.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry]);
    write(pathOf("entries", number, part.length), Buffer.concat(framed));
  }
  let hashes = data.map(leafHashOf);
  for (let level = 0; hashes.length > 0; level += 1) {
    for (const [number, part] of parts(hashes)) write(pathOf(level, number, part.length), Buffer.concat(part));
    hashes = parts(hashes).flatMap(([, part]) => (part.length === 256 ? [rootOf(part)] : []));
  }
}

const parts = (all: readonly Buffer[]): [number, Buffer[]][] =>
  Array.from({ length: Math.ceil(all.length / 256) }, (_, n) => [n, all.slice(n * 256, n * 256 + 256)]);

const pathOf = (level: number | "entries", number: number, width: number) =>
  `tile/${level}/${String(number).padStart(3, "0")}${width < 256 ? `.p/${width}` : ""}`;
