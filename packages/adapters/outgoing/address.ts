import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { networks } from "@dais/kernel/networks";

/** Which hosts may be asked besides those that everybody can reach. */
export type Hosts = {
  /** `host` or `host:port` (IPv6 in brackets): within the own network, where the operators want it. */
  allowed: readonly string[];
  /** Whether such a host may be asked without TLS, if it is this machine itself. */
  plainHere: boolean;
};

/** The addresses of a host, as they stand in the DNS now. */
export type Resolve = (host: string) => Promise<readonly string[]>;
export const usualResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The same, asked of the name servers themselves: lookups by the system share four threads, and names whose servers don't answer would
 * hold them all. The hosts that operators name may stand in files of this machine, and are looked up by the system.
 */
export function patientResolve(allowed: readonly string[]): Resolve {
  const names = new Set(allowed.map((one) => one.toLowerCase().replace(/:\d+$/, "")));
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  return async (host) => {
    if (names.has(host)) return usualResolve(host);
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  };
}

/**
 * Networks that nothing outside may lead to: this machine, private and shared ones, link-local ones with the metadata of clouds, and
 * whatever stands for others or for no single host.
 * @see IANA, IPv4 and IPv6 Special-Purpose Address Registries
 */
const closed4 = networks([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"],
]);
/** Of IPv6 only global unicast is left, without those that carry an IPv4 address or stand for documentation. A list of its own: it has all of IPv4. */
const closed6 = networks(["::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

/** Whether an address is one that everybody can reach. One of IPv4 within one of IPv6 is not: nobody needs it. */
export const isPublic = (address: string): boolean =>
  isIP(address) === 4 ? !closed4(address) : isIP(address) === 6 && !closed6(address);

/**
 * Where to connect for a URL: the addresses that were checked, and no other that the DNS may say a moment later. A host of which one
 * address is closed is refused altogether.
 */
export async function checked(
  url: URL,
  { allowed, plainHere }: Hosts,
  resolve: Resolve,
): Promise<{ addresses: readonly string[] } | "address_refused" | "unresolved"> {
  const host = hostOf(url);
  const wanted = allowed.some((one) => [url.hostname, `${url.hostname}:${portOf(url)}`].includes(one.toLowerCase()));
  const here = ["localhost", "127.0.0.1", "::1"].includes(host);
  const plain = url.protocol === "http:" && wanted && here && plainHere;
  if ((url.protocol !== "https:" && !plain) || url.username || url.password) return "address_refused";
  const addresses = isIP(host) ? [host] : await resolve(host).catch(() => []);
  if (addresses.length === 0) return "unresolved";
  return wanted || addresses.every(isPublic) ? { addresses } : "address_refused";
}

/** The name or address of a URL's host, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, "$1");
export const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === "https:" ? 443 : 80);
