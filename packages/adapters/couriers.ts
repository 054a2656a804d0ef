import type { CallbackReader, Courier } from "@dais/kernel/couriers/port";
import { type ResendSettings, resendCourier, resendReader } from "./resend/index.ts";
import { type SmtpSettings, smtpCourier } from "./smtp/index.ts";
import { type TeamsSettings, teamsCourier } from "./teams/index.ts";
import { type TwilioSettings, twilioCouriers, twilioReader } from "./twilio/index.ts";

export type { ResendSettings, SmtpSettings, TeamsSettings, TwilioSettings };

type Without<Settings> = Omit<Settings, "now">;

/** Whom messages are given to; null where there is nobody. Mail goes by one of the two. */
export type CourierSettings = {
  twilio: Without<TwilioSettings> | null;
  resend: Without<ResendSettings> | null;
  smtp: SmtpSettings | null;
  teams: Without<TeamsSettings> | null;
  now(): Date;
};

/**
 * Everybody who carries messages, one for each channel, and who reads what they say of them. The vendors' SDKs are loaded with the first
 * message.
 * @throws Error where the settings can't be used
 */
export function couriersOf({ twilio, resend, smtp, teams, now }: CourierSettings): {
  couriers: Courier[];
  readers: CallbackReader[];
} {
  if (resend && smtp) throw new Error("Mail goes by Resend or by a server of your own: set one of them.");
  return {
    couriers: [
      ...(twilio ? twilioCouriers({ ...twilio, now }) : []),
      ...(resend ? [resendCourier({ ...resend, now })] : []),
      ...(smtp ? [smtpCourier(smtp)] : []),
      ...(teams ? [teamsCourier({ ...teams, now })] : []),
    ],
    readers: [
      ...(twilio ? [twilioReader({ ...twilio, now })] : []),
      ...(resend ? [resendReader({ ...resend, now })] : []),
    ],
  };
}
