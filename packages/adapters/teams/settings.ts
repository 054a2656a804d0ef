export type TeamsSettings = {
  /** Microsoft Graph, `https://graph.microsoft.com` or another cloud's. */
  graphUrl: string;
  /** `https://login.microsoftonline.com/<directory>/oauth2/v2.0/token` */
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** The directory's id of the account that writes. It is a user's: Graph lets no application write in a chat by itself. */
  senderId: string;
  /** What this account consented to, with `Chat.Create`, `ChatMessage.Send`, `Chat.Read` and `offline_access`. */
  refreshToken: string;
  /** Told of the next one, which the directory gives with each renewal; the one before is good for some weeks. */
  renewed?(refreshToken: string): void;
  timeoutMs?: number;
  now(): Date;
};
