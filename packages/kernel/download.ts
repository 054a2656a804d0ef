import type { Download } from "@dais/contracts/kit/download";
import { sha256 } from "./canonical.ts";
import type { Ctx } from "./context.ts";

/** What a read made for whoever wants the bytes themselves. */
export type File = {
  bytes: Uint8Array;
  mediaType: string;
  /** What a browser would save it as: letters, digits, dots, - and _. */
  name: string;
};

/** For so long an address is said to be good. It is made anew with each read, so nothing is kept for it. */
const goodForMs = 3_600_000;

/**
 * Answers a read with a file: all faces tell of the same bytes, and those that can carry them do. `path`: the read's own address below
 * /v1, at which the bytes are.
 */
export function download(
  ctx: Ctx,
  { text, mediaType, name, path }: Omit<File, "bytes"> & { text: string; path: `/${string}` },
): Download {
  const bytes = Buffer.from(text);
  ctx.written.file = { bytes, mediaType, name };
  return {
    mediaType,
    size: bytes.byteLength,
    sha256: sha256(bytes),
    url: `${ctx.publicUrl}/v1${path}`,
    expiresAt: new Date(ctx.now.getTime() + goodForMs).toISOString(),
  };
}
