import { createHash } from "node:crypto";

/** A message as the one who gets it sees it. */
export type Shown = {
  id: string;
  channel: "whatsapp" | "sms" | "email" | "teams";
  from: string;
  to: string;
  /** Null where the channel has none. */
  subject: string | null;
  text: string;
  html: string | null;
  attachments: readonly Attached[];
  /** The vendor's own word for how far it is. */
  status: string;
  /** The vendor's code for why it got no further. */
  code: string | null;
  at: Date;
};

export type Attached = { name: string; contentType: string; size: number; sha256: string };

/** Files, each kept once however many get it. */
export function filesOf() {
  const files = new Map<string, Buffer>();
  // The same text is the same file: most messages carry what others carry too.
  const known = new Map<string, string>();
  return {
    keep(base64: string): { size: number; sha256: string } {
      const sha256 = known.get(base64);
      if (sha256 !== undefined) return { size: (files.get(sha256) as Buffer).length, sha256 };
      const bytes = Buffer.from(base64, "base64");
      const digest = createHash("sha256").update(bytes).digest("hex");
      if (known.size < 1000) known.set(base64, digest);
      files.set(digest, bytes);
      return { size: bytes.length, sha256: digest };
    },
    bytes: (sha256: string): Buffer | null => files.get(sha256) ?? null,
  };
}
