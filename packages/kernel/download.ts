import type { Download } from "@dais/contracts/kit/download";
import { sha256 } from "./canonical.ts";
import type { Ctx } from "./context.ts";
import type { Packed } from "./packed.ts";
import { type Found, finding, type Told } from "./told.ts";

/** What a read made for whoever wants the bytes themselves. */
export type File = {
  /** As they are; or, of what is large, packed until somebody takes them. */
  bytes: Uint8Array | Packed;
  mediaType: string;
  /** What a browser would save it as. Of a title, `fileName` makes one. */
  name: string;
};

/** For so long an address is said to be good. It is made anew with each read, so nothing is kept for it. */
const goodForMs = 3_600_000;

type Made = Omit<File, "bytes"> & {
  content: string | Uint8Array | Packed;
  path: `/${string}`;
  /** What it tells of that is classified, for the record of reads. */
  tells: readonly Told[] | NonNullable<Ctx["written"]["tells"]>;
};

/**
 * Answers a read with a file: all faces tell of the same bytes, and those that can carry them do. `path`: the read's own address below
 * /v1, at which the bytes are.
 */
export function download(ctx: Ctx, { content, mediaType, name, path, tells }: Made): Download {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const { size, sha256: digest } = "packed" in bytes ? bytes : { size: bytes.byteLength, sha256: sha256(bytes) };
  ctx.written.file = { bytes, mediaType, name };
  ctx.written.tells = "items" in tells ? { ...tells, ...(tells.always && { sha256: digest }) } : foundAmong(ctx, tells);
  return {
    ...{ mediaType, size, sha256: digest },
    url: `${ctx.publicUrl}/v1${path}`,
    expiresAt: new Date(ctx.now.getTime() + goodForMs).toISOString(),
  };
}

function foundAmong(ctx: Ctx, told: readonly Told[]): Found {
  const { found, add } = finding(ctx.tenant);
  for (const one of told) add(one);
  return found;
}
