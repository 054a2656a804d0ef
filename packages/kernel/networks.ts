import { BlockList, isIP } from "node:net";

/** Whether an address may call. */
export type Networks = (address: string) => boolean;

/** Those addresses that lie within one of the networks, in CIDR form (RFC 4632, RFC 4291). What is no address lies nowhere. */
export function networks(ranges: readonly string[]): Networks {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits = ""] = range.split("/");
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
  };
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");
