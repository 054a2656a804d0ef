import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Flaw, Usage } from "./flaw.ts";

/** The bytes at a path below a log's address; null where there is nothing. */
export type Source = (path: string) => Promise<Buffer | null>;

/** No full tile is larger: 256 entries, each of 64 bytes behind two. */
const largest = 256 * 66;
const patience = 30_000;

/** Reads tiles from a folder, or over https (http only from this machine). Follows no redirection: what is asked is what answers. */
export function tileSource(where: string): Source {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(where)) return (path) => fromFolder(join(where, path));
  const url = new URL(where);
  const here = url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !here) throw new Usage("tiles are read from a folder, or over https");
  return (path) => fromWeb(`${where.replace(/\/+$/, "")}/${path}`);
}

async function fromFolder(path: string): Promise<Buffer | null> {
  try {
    return bounded(await readFile(path), path);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

async function fromWeb(url: string): Promise<Buffer | null> {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(patience) }).catch(
    (error: Error) => {
      throw new Usage(`${url} can't be reached: ${error.message}`);
    },
  );
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw new Usage(`${url} answers ${answer.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body ?? []) {
    length += part.length;
    if (length > largest) throw new Flaw(`${url} is larger than a tile`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function bounded(bytes: Buffer, path: string): Buffer {
  if (bytes.length > largest) throw new Flaw(`${path} is larger than a tile`);
  return bytes;
}
