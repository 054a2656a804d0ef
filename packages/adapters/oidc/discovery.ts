import { isObject, safeUrl } from "../http.ts";
import { anyDirectory, templateOf } from "./directory.ts";
import { IssuerAway, SignInRefused } from "./errors.ts";
import type { AskIssuer } from "./fetch.ts";
import { kept } from "./kept.ts";
import type { OidcSettings } from "./settings.ts";

/** What of an issuer's discovery document matters here. */
export type Metadata = {
  /** With `{tenantid}` where it speaks for every directory. */
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  jwksUri: string;
  endSessionEndpoint: string | null;
  /** Whether each authorization response names the issuer. @see RFC 9207 */
  namesItself: boolean;
  /** How clients may prove who they are, and by which signatures; empty where it doesn't say. */
  clientMethods: readonly string[];
  clientAlgorithms: readonly string[];
};

const keptMs = 3_600_000;

/**
 * The issuer's metadata: fetched when first needed, and kept for an hour.
 *
 * @throws IssuerAway where there is nothing readable
 * @throws SignInRefused where it is another issuer's, or sends us where anybody can listen
 * @see OpenID Connect Discovery 1.0, section 4.3, and RFC 8414, section 3.3
 */
export function discovery(
  settings: Pick<OidcSettings, "issuer" | "now">,
  askIssuer: AskIssuer,
): () => Promise<Metadata> {
  const { issuer } = settings;
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  return kept(
    async () => {
      const { status, body } = await askIssuer("discovery", url);
      if (status !== 200 || !isObject(body)) throw new IssuerAway(`discovery: unreadable (${status})`);
      const metadata = read(body);
      if (metadata.issuer !== issuer && metadata.issuer !== templateOf(issuer))
        throw new SignInRefused("discovery: another issuer");
      return metadata;
    },
    keptMs,
    settings.now,
  );

  function read(body: Record<string, unknown>): Metadata {
    if (typeof body.issuer !== "string") throw new IssuerAway("discovery: no issuer");
    return {
      issuer: body.issuer,
      authorizationEndpoint: endpoint(body, "authorization_endpoint"),
      tokenEndpoint: endpoint(body, "token_endpoint"),
      jwksUri: endpoint(body, "jwks_uri"),
      endSessionEndpoint: body.end_session_endpoint === undefined ? null : endpoint(body, "end_session_endpoint"),
      namesItself: body.authorization_response_iss_parameter_supported === true,
      clientMethods: texts(body.token_endpoint_auth_methods_supported),
      clientAlgorithms: texts(body.token_endpoint_auth_signing_alg_values_supported),
    };
  }

  function endpoint(body: Record<string, unknown>, name: string): string {
    const text = body[name];
    if (typeof text !== "string" || !URL.canParse(text)) throw new IssuerAway(`discovery: no ${name}`);
    const url = safeUrl(text);
    // An issuer far away has no business on this machine.
    if (!url || (url.protocol === "http:" && issuer.startsWith("https:")))
      throw new SignInRefused(`discovery: ${name} is not https`);
    return text;
  }
}

/** The issuer as it is configured. @throws Error at the start, where it can't be one */
export function checkedIssuer(issuer: string): void {
  const url = safeUrl(issuer);
  if (!url || url.search || url.hash) throw new Error("The issuer must be an https address without a query.");
  if (issuer.includes(anyDirectory))
    throw new Error(`Write "organizations" instead of "${anyDirectory}" into the issuer.`);
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
