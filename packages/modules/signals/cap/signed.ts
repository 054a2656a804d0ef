import { checkSignature } from "@dais/cap/signature";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { settingsOf } from "@dais/modules/organisations";
import type { Document, Found } from "./reading.ts";

const unverified = "signature_unverified";

/**
 * What was found, with what became of its signatures. Of an organisation that has keys of the alert's sender, a signature that none of them
 * made refuses the alert: somebody else says something in the sender's name. What can't be told stays as it is: unverified.
 * @throws signal_cap_invalid with `signature_wrong`
 */
export async function withSignatures(ctx: Ctx, { found, signed }: Document): Promise<Found[]> {
  const [one] = found;
  if (!signed || !one?.alert || found.length > 1) return found;
  const { alert, findings } = one;
  const { signals } = await settingsOf(ctx);
  const keys = signals.signers.filter(({ sender }) => sender === alert.sender).map(({ key }) => key);
  const state = await checkSignature(signed, alert, keys);
  if (state === "unverified") return found;
  const others = findings.filter(({ code }) => code !== unverified);
  if (state === "verified") return [{ ...one, findings: others, signature: "verified" }];
  const at = findings.find(({ code }) => code === unverified);
  const message = "The signature is not by a key of the sender's, or not of what the alert says.";
  const wrong = { code: "signature_wrong", xpath: at?.xpath ?? one.path, message };
  throw new Problem("signal_cap_invalid", { findings: [...others, wrong] });
}
