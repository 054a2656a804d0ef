import { type Directory, paths, type World } from "./world.ts";

/** The document at `<issuer>/.well-known/openid-configuration`, with the fields of Entra ID's, and what it keeps silent about. */
export function discoveryOf(world: World, directory: Directory): Record<string, unknown> {
  const at = (path: string) => `${world.url}/${directory.tid}${path}`;
  return {
    issuer: directory.issuer,
    authorization_endpoint: at(paths.authorize),
    token_endpoint: at(paths.token),
    jwks_uri: at(paths.keys),
    end_session_endpoint: at(paths.logout),
    userinfo_endpoint: `${world.graphUrl}/oidc/userinfo`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic", "none"],
    token_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256"],
    response_modes_supported: ["query", "fragment", "form_post"],
    response_types_supported: ["code"],
    grant_types_supported: [
      "authorization_code",
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    claims_supported: [
      ...["sub", "iss", "aud", "exp", "iat", "auth_time", "acrs", "amr", "nonce", "name", "tid", "ver", "at_hash"],
      ...["email", "preferred_username", "oid", "roles", "groups", "sid"],
    ],
    claims_parameter_supported: true,
    request_uri_parameter_supported: false,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    tenant_region_scope: null,
    cloud_instance_name: new URL(world.url).host,
    msgraph_host: new URL(world.graphUrl).host,
  };
}

/** Where a transmitter of security events describes itself. @see OpenID Shared Signals Framework 1.0, section 7.2 */
export const configurationPath = (issuer: string): string =>
  `/.well-known/ssf-configuration${new URL(issuer).pathname}`;

/** Each directory transmits, too: what it sends is signed by hand, with `sign`. */
export function transmitterOf(world: World, directory: Directory): Record<string, unknown> {
  return {
    spec_version: "1_0",
    issuer: directory.issuer,
    jwks_uri: `${world.url}/${directory.tid}${paths.keys}`,
    delivery_methods_supported: ["urn:ietf:rfc:8935"],
  };
}

/** The key set document; each key says whose it is, as Entra ID's do. */
export function keysOf(world: World, directory: Directory): Record<string, unknown> {
  return { keys: world.keys.published().map((key) => ({ ...key, issuer: directory.issuer })) };
}
