export type SmtpSettings = {
  host: string;
  port: number;
  /**
   * `tls` from the first byte, or `starttls`, without which nothing is sent. `none` is for a server on this machine itself.
   * @see RFC 8314, section 3
   */
  security: "tls" | "starttls" | "none";
  /** As which host we greet; by default this machine's name, where it has a whole one. @see RFC 5321, section 4.1.1.1 */
  name?: string;
  auth: { user: string; pass: string } | null;
  /** `Dais <dais@example.org>`; ids of messages are of its domain. */
  from: string;
  replyTo: string | null;
  /** Certificates that are trusted instead of the usual ones. */
  ca?: string;
  /** Open at once. */
  connections?: number;
  /** For one message, from the wait for a connection to the server's last word. */
  timeoutMs?: number;
};

/** @throws Error where the settings can't be used */
export function checkedSettings(settings: SmtpSettings): SmtpSettings & { domain: string } {
  const { host, security, from } = settings;
  if (security === "none" && !["localhost", "127.0.0.1", "::1"].includes(host))
    throw new Error("Mail leaves this machine by TLS only.");
  const domain = /@([a-z0-9.-]+)>?$/i.exec(from)?.[1];
  if (!domain || /[\r\n]/.test(from)) throw new Error("Mail comes from an address like Dais <dais@example.org>.");
  return { ...settings, domain };
}
