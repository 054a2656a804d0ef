import { couriersOf } from "@dais/adapters/couriers";
import { approvedTexts } from "@dais/demo/approved-texts";
import { startGraph } from "@dais/local/vendors/graph";
import { startResend } from "@dais/local/vendors/resend";
import type { Shown } from "@dais/local/vendors/shown";
import { startTwilio } from "@dais/local/vendors/twilio";
import type { Carriers } from "../carriers.ts";
import type { Config } from "../config.ts";
import { outbox } from "./outbox.ts";

type Where = { now(): Date; publicUrl: string; port: number; config: Pick<Config, "ALLOWED_HOSTS" | "CORS_ORIGINS"> };

/** What can be done with what the stand-ins took. */
export type Outbox = {
  /** The newest first. */
  messages(most: number): Shown[];
  find(id: string): Shown | undefined;
  /** Has the vendor say that it came so far. */
  tell(message: Shown, what: "delivered" | "read"): void;
  /** Has its recipient answer; mail has nobody to answer to: STOP is a complaint. */
  reply(message: Shown, text: string): void;
  file(sha256: string): Buffer | null;
};

const whatsapp = "+97140000001";
const sms = "+97140000002";

/**
 * Stand-ins for the vendors in this process, on ports of its own that nobody but this machine reaches, with the couriers that speak to them: each
 * message goes its whole way, and ends at /dev/outbox.
 */
export async function standIns({ now, publicUrl, port, config }: Where): Promise<Carriers> {
  // They tell what becomes of messages at the public address, as vendors do, which leads here.
  const route = (url: string) => url.replace(publicUrl, `http://localhost:${port}`);
  const [twilio, resend, graph] = await Promise.all([
    startTwilio({ route, now, inboundUrl: `${publicUrl}/callbacks/twilio` }),
    startResend({ route, now, webhookUrl: `${publicUrl}/callbacks/resend` }),
    startGraph({ now }),
  ]);
  for (const [sid, text] of Object.entries(approvedTexts)) twilio.template(text, sid);
  const { couriers, readers } = couriersOf({
    twilio: {
      ...{ accountSid: twilio.accountSid, authTokens: [twilio.authToken], baseUrl: twilio.url, whatsapp, sms },
    },
    resend: {
      ...{ apiKey: resend.apiKey, webhookSecrets: [resend.webhookSecret], baseUrl: resend.url },
      ...{ from: "Dais <dais@rimal.example>", replyTo: null },
    },
    smtp: null,
    teams: {
      ...{ graphUrl: graph.url, tokenUrl: graph.tokenUrl, clientId: graph.clientId, clientSecret: graph.clientSecret },
      ...{ senderId: graph.senderId, refreshToken: graph.refreshToken },
    },
    now,
  });
  const all = () => [...twilio.sent(), ...resend.sent(), ...graph.sent()];
  const box: Outbox = {
    messages: (most) =>
      all()
        .sort((a, b) => b.at.getTime() - a.at.getTime())
        .slice(0, most),
    find: (id) => all().find((one) => one.id === id),
    tell({ id, channel }, what) {
      if (channel === "email") resend.tellOf(id, what === "read" ? "opened" : what);
      else if (channel !== "teams") twilio.tellOf(id, what);
    },
    reply({ id, channel, from, to }, text) {
      if (channel === "email") resend.tellOf(id, "complained");
      else if (channel !== "teams") twilio.receive({ channel, from: to, to: from, text, repliedTo: id });
    },
    file: resend.file,
  };
  return {
    ...{ couriers, readers },
    pages: outbox(box, publicUrl, config),
    close: async () => {
      await Promise.all(couriers.map((one) => one.close()));
      await Promise.all([twilio.close(), resend.close(), graph.close()]);
    },
  };
}
