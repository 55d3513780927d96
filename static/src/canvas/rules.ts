// What may be drawn, from the manifest alone.
import type { Card, Kind, Line, Manifest } from "./contract";
import { cardOf, lineFrom, type Drawing, type Out } from "./graph";

export type Kinds = ReadonlyMap<string, Kind>;

export function kindsOf(manifest: Manifest): Kinds {
  return new Map(manifest.kinds.map((kind) => [kind.kind, kind]));
}

/** Whether this line may be drawn: an existing port, to another card that takes lines. */
export function mayConnect(drawing: Drawing, kinds: Kinds, line: Line): boolean {
  const source = cardOf(drawing, line.source);
  const target = cardOf(drawing, line.target);
  if (!source || !target || source === target) return false;
  if (!source.ports.some((port) => port.name === line.port)) return false;
  return kinds.get(target.kind)?.limits.incoming ?? false;
}

/** Kinds that may stand at a way out; on a line only those that lead on. Without a way out: all. */
export function offered(manifest: Manifest, drawing: Drawing, out?: Out): Kind[] {
  if (!out) return manifest.kinds;
  const onLine = lineFrom(drawing, out) !== undefined;
  return manifest.kinds.filter((kind) => kind.limits.incoming && (!onLine || kind.ports.length > 0));
}

/** Kinds whose name or explanation contains every word typed; those whose name begins with it first. */
export function search(kinds: Kind[], typed: string): Kind[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return kinds;
  const hits = kinds.filter((kind) => words.every((word) => `${kind.label} ${kind.help}`.toLowerCase().includes(word)));
  const first = (kind: Kind): number => (kind.label.toLowerCase().startsWith(words[0]!) ? 0 : 1);
  return hits.sort((a, b) => first(a) - first(b));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A key that no other card has; it stays the same in every version. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** A card of a kind before the server has answered for it. */
export function freshCard(kind: Kind, x: number, y: number, nodeUrl: string, key = freshKey()): Card {
  return {
    key, kind: kind.kind, name: "", title: kind.label, x: Math.round(x), y: Math.round(y), config: null,
    summary: "", ports: kind.ports, names_below: kind.names_below, problems: [], untracked: [], url: nodeUrl.replace("KEY", key),
  };
}
