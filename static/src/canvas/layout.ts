// Tidy-up: dagre gives the rows and columns; the rest keeps new cards out of the way of old ones.
import dagre from "@dagrejs/dagre";
import type { Card } from "./contract";
import { following, type Drawing, type Spot } from "./graph";

export const WIDTH = 264;
export const HEIGHT = 96;
export const GAP = 64;

export type Heights = ReadonlyMap<string, number>;

/** Places for all cards, from top to bottom, branches side by side in the order of their ports. */
export function tidy(drawing: Drawing, heights: Heights = new Map()): Spot[] {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 48, ranksep: GAP, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  const inOrder = [...drawing.nodes].sort((a, b) => a.y - b.y || a.x - b.x);
  for (const card of inOrder) graph.setNode(card.key, { width: WIDTH, height: heightOf(card.key, heights) });
  for (const card of inOrder) {
    for (const port of card.ports) {
      const line = drawing.edges.find((edge) => edge.source === card.key && edge.port === port.name);
      if (line) graph.setEdge(line.source, line.target, { minlen: 1, width: 0, height: 0 }, port.name);
    }
  }
  dagre.layout(graph, { constraints: siblings(drawing) });
  // dagre centres the cards of a row; people read along their tops.
  const tops = new Map<number, number>();
  for (const card of drawing.nodes) {
    const { y } = graph.node(card.key);
    tops.set(y, Math.min(tops.get(y) ?? Infinity, y - heightOf(card.key, heights) / 2));
  }
  const spots = drawing.nodes.map((card) => {
    const { x, y } = graph.node(card.key);
    return { key: card.key, x: Math.round(x - WIDTH / 2), y: Math.round(tops.get(y)!) };
  });
  return lowered(drawing, spots, heights);
}

/** Rows moved down where the ways that lead to them need room for their names. */
function lowered(drawing: Drawing, spots: readonly Spot[], heights: Heights): Spot[] {
  const cards = new Map(drawing.nodes.map((card) => [card.key, card]));
  const row = new Map(spots.map((spot) => [spot.key, spot.y]));
  const lower = new Map<number, number>();
  let by = 0;
  for (const top of [...new Set(row.values())].sort((a, b) => a - b)) {
    const above = drawing.edges.filter((edge) => row.get(edge.target) === top && row.get(edge.source)! < top);
    const need = above.map(({ source }) => lower.get(row.get(source)!)! + heightOf(source, heights) + GAP + cards.get(source)!.names_below);
    by = Math.max(by, ...need.map((y) => y - top));
    lower.set(top, top + by);
  }
  return spots.map((spot) => ({ ...spot, y: lower.get(spot.y)! }));
}

/** What hangs on an earlier port stands left of what hangs on a later one. */
function siblings(drawing: Drawing): { left: string; right: string }[] {
  const led = new Map<string, number>();
  for (const edge of drawing.edges) led.set(edge.target, (led.get(edge.target) ?? 0) + 1);
  return drawing.nodes.flatMap((card) => {
    const targets = card.ports
      .map((port) => drawing.edges.find((edge) => edge.source === card.key && edge.port === port.name)?.target)
      .filter((target): target is string => target !== undefined && led.get(target) === 1);
    return targets.slice(1).map((right, index) => ({ left: targets[index]!, right }));
  });
}

/** The same drawing with what follows moved down where cards have grown over the gap. */
export function spread(drawing: Drawing, heights: Heights): Spot[] {
  const placed = new Map<string, Spot>();
  const cards = new Map(drawing.nodes.map((card) => [card.key, card]));
  for (const card of [...drawing.nodes].sort((a, b) => a.y - b.y)) {
    let y = card.y;
    for (const edge of drawing.edges) {
      const above = edge.target === card.key ? placed.get(edge.source) : undefined;
      if (above) y = Math.max(y, above.y + heightOf(above.key, heights) + GAP + cards.get(above.key)!.names_below);
    }
    placed.set(card.key, { key: card.key, x: card.x, y });
  }
  return [...placed.values()];
}

/** Where a card goes that is put behind `card`'s port, and who has to make room for it. */
export function spotAfter(drawing: Drawing, card: Card, port: string, heights: Heights): { at: Omit<Spot, "key">; moves: Spot[] } {
  const old = drawing.edges.find((edge) => edge.source === card.key && edge.port === port);
  const target = old && drawing.nodes.find((other) => other.key === old.target);
  const below = card.y + heightOf(card.key, heights) + GAP + card.names_below;
  if (target && target.y > card.y) {
    const room = HEIGHT + GAP;
    const shift = Math.max(0, below + room - target.y);
    const later = following(drawing, card.key);
    const moves = drawing.nodes
      .filter((other) => later.has(other.key) && other.key !== card.key && other.y >= target.y)
      .map((other) => ({ key: other.key, x: other.x, y: other.y + shift }));
    return { at: { x: target.x, y: below }, moves };
  }
  const index = card.ports.findIndex((one) => one.name === port);
  const x = Math.round(card.x + (index - (card.ports.length - 1) / 2) * (WIDTH + 48));
  return { at: free(drawing, x, below, heights), moves: [] };
}

/** The nearest place at or right of (x, y) that no card covers. */
export function free(drawing: Drawing, x: number, y: number, heights: Heights = new Map()): Omit<Spot, "key"> {
  const covered = (at: number): Card | undefined =>
    drawing.nodes.find(
      (card) => Math.abs(card.x - at) < WIDTH + 16 && y < card.y + heightOf(card.key, heights) + 16 && y + HEIGHT + 16 > card.y,
    );
  let at = x;
  for (let other = covered(at); other; other = covered(at)) at = other.x + WIDTH + 48;
  return { x: at, y };
}

function heightOf(key: string, heights: Heights): number {
  return heights.get(key) ?? HEIGHT;
}
