/** Who a message comes from: a number of ours in E.164, or the sid of a messaging service (`MG…`), which chooses one. */
export type Sender = string;

export type TwilioSettings = {
  accountSid: string;
  /**
   * The account's tokens: the first is the current one. While one is being replaced, both check what Twilio says to us.
   * @see https://www.twilio.com/docs/iam/api/authtoken
   */
  authTokens: readonly string[];
  /** What our requests are signed in with instead of the account's token, so that it can be revoked alone. */
  apiKey?: { sid: string; secret: string } | null;
  whatsapp: Sender | null;
  sms: Sender | null;
  /** Where Twilio answers; another one for tests, and for regions. */
  baseUrl?: string;
  timeoutMs?: number;
  now(): Date;
};

/** @throws Error where the settings can't be used */
export function checkedSettings(settings: TwilioSettings): TwilioSettings {
  if (!/^AC[0-9a-f]{32}$/i.test(settings.accountSid)) throw new Error("Twilio's account sid is AC and 32 hex digits.");
  if (settings.authTokens.length === 0 || settings.authTokens.includes(""))
    throw new Error("Twilio needs its account's token: it signs what Twilio says to us.");
  for (const from of [settings.whatsapp, settings.sms])
    if (from !== null && !/^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/i.test(from))
      throw new Error("A sender at Twilio is a number like +97141234567, or a messaging service's sid.");
  return settings;
}
