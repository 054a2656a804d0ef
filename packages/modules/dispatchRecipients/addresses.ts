/** An address by which its owner knows it, and nobody else: `+97150•••4567`, `l•••@rimal.example`. */
export function shortened(address: string): string {
  const at = address.lastIndexOf("@");
  if (at > 0) return `${[...address][0]}•••${address.slice(at)}`;
  return address.length > 9 ? `${address.slice(0, -7)}•••${address.slice(-4)}` : "•••";
}
