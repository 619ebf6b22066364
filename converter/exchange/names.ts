/** Names that the converter gives itself, to values that it adds. */
const RESERVED = /^(input|pixels|summary)(\.|$)|\.(q|dq|scale|zero_point|min|max|some|int8|half|single|cast)$/;

/** Gives names of a file to nodes and values, each once. */
export type Names = (wanted: string) => string;

export function newNames(): Names {
  const used = new Set<string>();
  const counts = new Map<string, number>();
  return (wanted) => {
    let name = RESERVED.test(wanted) ? `${wanted}_` : wanted;
    while (used.has(name)) {
      const count = (counts.get(wanted) ?? 1) + 1;
      counts.set(wanted, count);
      name = `${wanted}_${count}`;
    }
    used.add(name);
    return name;
  };
}
