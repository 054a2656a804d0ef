import { createHmac, randomBytes } from "node:crypto";

/** Headers of one delivery, as Svix signs it for those who send by it. @see https://docs.svix.com/receiving/verifying-payloads/how-manual */
export function svixHeaders(secret: string, body: string, at: Date, id = `msg_${randomBytes(14).toString("hex")}`) {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "user-agent": "Svix-Webhooks/1.0",
    "svix-id": id,
    "svix-timestamp": timestamp,
    "svix-signature": `v1,${signature}`,
  };
}
