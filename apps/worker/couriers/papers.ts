import { randomUUID } from "node:crypto";
import { pdfMediaType } from "@dais/contracts/briefings/pdf";
import type { Perform } from "@dais/kernel/task";
import { type Attached, attached } from "@dais/modules/briefings";
import type { PaperOf } from "./hand.ts";

/** What is approved anew is another document, and is found after so long. */
const rememberMs = 60_000;
const most = 8;

/** Reads the documents that go along with messages, each once for many of them. */
export function papers(perform: Perform, now: () => Date): PaperOf {
  const known = new Map<string, { file: Promise<Attached | null>; until: number }>();

  function read(tenantId: string, briefingId: string): Promise<Attached | null> {
    const file = perform(attached, { tenantId, requestId: `dispatches-${randomUUID()}` }, briefingId);
    known.set(`${tenantId} ${briefingId}`, { file, until: now().getTime() + rememberMs });
    const forget = () => void known.delete(`${tenantId} ${briefingId}`);
    file.then((found) => found ?? forget(), forget);
    const [oldest] = known.keys();
    if (known.size > most && oldest) known.delete(oldest);
    return file;
  }

  return async ({ tenantId, briefingId, before }) => {
    const cached = known.get(`${tenantId} ${briefingId}`);
    const file = await (cached && cached.until > now().getTime() ? cached.file : read(tenantId, briefingId));
    // What was sent without it is asked about without it.
    if (!file || file.madeAt > before) return null;
    return { name: file.name, contentType: pdfMediaType, bytes: file.bytes };
  };
}
