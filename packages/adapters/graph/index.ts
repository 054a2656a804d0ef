import { ask, isObject, type Limits, safeUrl, usualLimits } from "../http.ts";

const mostPages = 50;
/** For all pages together: somebody is waiting to be signed in. */
const mostMs = 20_000;

/**
 * Ids of all groups that the token's owner is in, also through other groups; null where Microsoft Graph doesn't say it completely
 * and in time. A part of the groups is not an answer: who falls back on app roles knows that they do.
 *
 * @param graphUrl `https://graph.microsoft.com`, or another cloud's
 * @param accessToken for Graph, with `GroupMember.Read.All` or more
 * @see https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
export async function groupsOf(
  graphUrl: string,
  accessToken: string,
  limits: Limits = usualLimits,
): Promise<string[] | null> {
  const groups: string[] = [];
  const until = performance.now() + mostMs;
  let next: URL | null = firstPage(graphUrl);
  for (let page = 0; page < mostPages && performance.now() < until; page += 1) {
    const found: Page | null = next && (await pageAt(next, accessToken, limits));
    if (!found) return null;
    groups.push(...found.groups);
    if (found.next === null) return groups;
    next = sameOrigin(graphUrl, found.next);
  }
  return null;
}

type Page = { groups: string[]; next: string | null };

/** Only an advanced query may ask for groups alone among all memberships: hence `$count`, and the header. */
function firstPage(graphUrl: string): URL | null {
  const path = "/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999&$count=true";
  return safeUrl(`${graphUrl.replace(/\/$/, "")}${path}`);
}

async function pageAt(url: URL, accessToken: string, limits: Limits): Promise<Page | null> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: "application/json", consistencylevel: "eventual" };
  const answer = await ask(url, { headers }, limits).catch(() => null);
  if (answer?.status !== 200 || !isObject(answer.body)) return null;
  const { value, "@odata.nextLink": next = null } = answer.body;
  if (!Array.isArray(value) || !value.every(isGroup) || (next !== null && typeof next !== "string")) return null;
  return { groups: value.map(({ id }) => id), next };
}

const isGroup = (value: unknown): value is { id: string } =>
  isObject(value) && typeof value.id === "string" && /^[\x21-\x7e]{1,64}$/.test(value.id);

/** The token goes to nobody else. */
function sameOrigin(graphUrl: string, link: string): URL | null {
  const url = safeUrl(link);
  return url && url.origin === new URL(graphUrl).origin ? url : null;
}
