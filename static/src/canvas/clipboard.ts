// Steps as text, so that they can be copied within a journey and between journeys.
import type { Card, Config, Line } from "./contract";
import { freshKey, type Kinds } from "./rules";
import { withoutAnswers, type Drawing } from "./graph";

const MARK = "omnichannel/steps";

interface Copied { type: typeof MARK; nodes: Card[]; edges: Line[] }

export function copied(drawing: Drawing, keys: ReadonlySet<string>): string {
  const nodes = drawing.nodes.filter((card) => keys.has(card.key)).map(withoutAnswers);
  const edges = drawing.edges.filter((edge) => keys.has(edge.source) && keys.has(edge.target));
  return JSON.stringify({ type: MARK, nodes, edges } satisfies Copied);
}

/** Cards and lines under new keys, a little aside; undefined when the text is something else. */
export function pasted(text: string, kinds: Kinds, nodeUrl: string, aside: number): { cards: Card[]; edges: Line[] } | undefined {
  let found: Copied;
  try {
    found = JSON.parse(text) as Copied;
  } catch {
    return undefined;
  }
  if (found?.type !== MARK || !Array.isArray(found.nodes) || !Array.isArray(found.edges)) return undefined;
  const known = found.nodes.filter((card) => kinds.has(card.kind));
  const keys = new Map(known.map((card) => [card.key, freshKey()]));
  const cards = known.map((card) => {
    const key = keys.get(card.key)!;
    const config = card.config && (renamed(card.config, keys) as Config);
    return { ...card, key, config, x: card.x + aside, y: card.y + aside, url: nodeUrl.replace("KEY", key) };
  });
  const edges = found.edges.flatMap((edge) => {
    const source = keys.get(edge.source);
    const target = keys.get(edge.target);
    return source && target ? [{ source, port: edge.port, target }] : [];
  });
  return { cards, edges };
}

/** A step that asks about another one names it by key: follow it to its copy. */
function renamed(value: unknown, keys: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return keys.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, keys));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, renamed(item, keys)]));
  }
  return value;
}
