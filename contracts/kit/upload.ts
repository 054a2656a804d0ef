import { z } from "zod";

/**
 * The field of an upload's document. Whoever sends text sends so many characters at most; a face that takes bytes hands them on as they
 * came, and has counted them. So encodings are the reader's business, who alone knows what the document says of its own.
 */
export const uploaded = (max: number) =>
  z.string().min(1).max(max) as unknown as z.ZodType<string | Uint8Array, string>;
