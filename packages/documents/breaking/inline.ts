type Node = Record<string, unknown>;

/**
 * The same document with every reference replaced by what it names, so that a change of something shared is told of every operation
 * that shares it. Where something holds itself, the inner reference stays.
 */
export function inlined<T extends object>(document: T): T {
  const walk = (value: unknown, within: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((one) => walk(one, within));
    if (typeof value !== "object" || value === null) return value;
    const { $ref, ...beside } = value as Node;
    if (typeof $ref !== "string" || within.includes($ref)) return each(value as Node, within);
    return { ...(walk(named(document, $ref), [...within, $ref]) as Node), ...each(beside, within) };
  };
  const each = (node: Node, within: readonly string[]): Node =>
    Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, within)]));
  const { paths } = document as { paths?: Node };
  return { ...document, paths: each(paths ?? {}, []) };
}

/** What a reference within the document points at. @see RFC 6901 */
function named(document: object, ref: string): unknown {
  const keys = ref
    .replace(/^#\//, "")
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce<unknown>((node, key) => (node as Node | undefined)?.[key], document);
}
