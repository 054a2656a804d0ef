import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { constants, createGunzip, createGzip } from "node:zlib";

/** Bytes that are kept packed, and come out as a stream: a large file costs a tenth of its size, and nothing on a disk. */
export type Packed = {
  packed: readonly Buffer[];
  /** Of what comes out. */
  size: number;
  sha256: string;
};

/** Packs texts as they come. */
export async function pack(texts: AsyncIterable<string>): Promise<Packed> {
  const zip = createGzip({ level: constants.Z_BEST_SPEED });
  const packed: Buffer[] = [];
  zip.on("data", (chunk: Buffer) => packed.push(chunk));
  const ended = once(zip, "end");
  const hash = createHash("sha256");
  let size = 0;
  let room = Buffer.allocUnsafeSlow(0); // one for all: what was written is packed before the next text comes
  try {
    for await (const text of texts) {
      const length = Buffer.byteLength(text);
      if (length > room.byteLength) room = Buffer.allocUnsafeSlow(length);
      const bytes = room.subarray(0, room.write(text));
      hash.update(bytes);
      size += length;
      await new Promise<void>((done, failed) => void zip.write(bytes, (error) => (error ? failed(error) : done())));
    }
  } catch (error) {
    zip.destroy();
    throw error;
  }
  zip.end();
  await ended;
  return { packed, size, sha256: hash.digest("hex") };
}

/** The bytes as they were, at the pace of whoever reads them; who stops reading ends it. */
export const unpacked = ({ packed }: Packed): ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(packed).pipe(createGunzip())) as ReadableStream<Uint8Array>;
