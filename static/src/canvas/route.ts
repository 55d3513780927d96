// Where a line runs: two bends where nothing is in the way, else a detour between the cards.
export interface Point { x: number; y: number }
export interface Box { x: number; y: number; width: number; height: number }
export interface Route { corners: Point[]; label: Point }
/** Several ways out of one card may lead to one card: which of their lines this is, so that each has a name to read. */
export interface Turn { at: number; of: number }

const BEND = 24;
const CLEAR = 24;
/** What a name with its numbers takes up, about. */
const NAME = { width: 150, height: 24 };
const ROUND = 16;
const NEAR = 20;
const FAR = 112;

/**
 * From a way out to the top of a card. `early`: bend close below the card, so that the names of a branch stand in one row
 * above their targets; else close above the target, clear of the cards beside it.
 */
export function route(from: Point, to: Point, boxes: readonly Box[], early: boolean, turn: Turn = { at: 0, of: 1 }): Route {
  const gap = to.y - from.y;
  const bend = Math.min(BEND, gap / 2);
  const plain = early ? from.y + bend : to.y - bend;
  const simple = path(from, { x: from.x, y: plain }, { x: to.x, y: plain }, to);
  const forward = gap >= BEND;
  if (forward && hits(simple, boxes) === 0) return { corners: simple, label: beside(from, to, plain, early, turn) };
  const low = from.y + (forward ? bend : BEND);
  const high = to.y - (forward ? bend : BEND);
  const ways = boxes.flatMap((box) => [box.x - CLEAR, box.x + box.width + CLEAR]).map((x) => detour(from, to, x, low, high));
  if (forward) ways.unshift(simple);
  const best = ways.map((way) => ({ way, cost: hits(way, boxes) * 10_000 + length(way) })).sort((a, b) => a.cost - b.cost)[0];
  if (!best || best.way === simple) return { corners: simple, label: beside(from, to, plain, early, turn) };
  const x = best.way[2]!.x;
  return { corners: best.way, label: { x, y: free(x, low, high, boxes, turn.at) } };
}

/** The first place along a line that goes down, from its upper end, where a name covers no card. */
function free(x: number, low: number, high: number, boxes: readonly Box[], above: number): number {
  const top = Math.min(low, high) + NAME.height * (1 + above);
  const end = Math.max(low, high) - NAME.height;
  for (let y = top; y <= end; y += 8) {
    const covers = boxes.some((box) => Math.abs(box.x + box.width / 2 - x) < (box.width + NAME.width) / 2 && y + NAME.height / 2 > box.y && y - NAME.height / 2 < box.y + box.height);
    if (!covers) return y;
  }
  return (low + high) / 2;
}

/** The line through its corners, rounded. */
export function drawn(corners: readonly Point[]): string {
  const [first, ...rest] = corners;
  let line = `M${first!.x},${first!.y}`;
  rest.forEach((corner, index) => {
    const before = corners[index]!;
    const after = corners[index + 2];
    if (!after) {
      line += `L${corner.x},${corner.y}`;
      return;
    }
    const round = Math.min(ROUND, span(before, corner) / 2, span(corner, after) / 2);
    const start = toward(corner, before, round);
    const end = toward(corner, after, round);
    line += `L${start.x},${start.y}Q${corner.x},${corner.y} ${end.x},${end.y}`;
  });
  return line;
}

/** How often a line runs behind a card. */
export function hits(way: readonly Point[], boxes: readonly Box[]): number {
  let found = 0;
  for (let at = 1; at < way.length; at += 1) {
    const a = way[at - 1]!;
    const b = way[at]!;
    for (const box of boxes) {
      const inside =
        Math.max(a.x, b.x) > box.x + 1 && Math.min(a.x, b.x) < box.x + box.width - 1 &&
        Math.max(a.y, b.y) > box.y + 1 && Math.min(a.y, b.y) < box.y + box.height - 1;
      if (inside) found += 1;
    }
  }
  return found;
}

function beside(from: Point, to: Point, bend: number, early: boolean, { at, of }: Turn): Point {
  if (!early) return Math.abs(from.x - to.x) < 2 && of === 1 ? { x: from.x, y: (from.y + to.y) / 2 } : { x: from.x, y: (from.y + bend) / 2 };
  const middle = bend + ((to.y - bend) * (at + 0.5)) / of;
  // Near the card that it leads to, where ways that lead nowhere yet have their names above it.
  return { x: to.x, y: of === 1 ? Math.max(middle, Math.min(to.y - NEAR, bend + FAR)) : middle };
}

function detour(from: Point, to: Point, x: number, low: number, high: number): Point[] {
  return path(from, { x: from.x, y: low }, { x, y: low }, { x, y: high }, { x: to.x, y: high }, to);
}

function path(...corners: Point[]): Point[] {
  return corners;
}

function length(way: readonly Point[]): number {
  return way.reduce((sum, point, at) => (at ? sum + span(way[at - 1]!, point) : 0), 0);
}

function span(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function toward(from: Point, to: Point, by: number): Point {
  const whole = span(from, to);
  if (!whole) return from;
  return { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}
