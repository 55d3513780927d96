// The drawing as plain data: every edit is a pure step from one state to the next, with undo and redo.
// What has to be saved is never queued: it is the difference between the drawing and what the server has. Only what a
// form's answers come to is for the server to say: until then they stand on their card as they were given.
import type { Card, Config, DrawingProblem, Graph, Line, Operation } from "./contract";

export interface Drawing { nodes: readonly Card[]; edges: readonly Line[] }

export interface State {
  now: Drawing;
  /** What the server has. */
  base: Drawing;
  revision: number;
  number: number;
  savedAt: string;
  problems: readonly DrawingProblem[];
  past: readonly Drawing[];
  future: readonly Drawing[];
}

export interface Spot { key: string; x: number; y: number }
export interface Out { source: string; port: string }

export type Action =
  | { type: "add"; cards: Card[]; edges: Line[]; moves?: Spot[] }
  | { type: "insert"; card: Card; on: Out; moves?: Spot[] }
  | { type: "move"; spots: Spot[] }
  | { type: "remove"; keys: string[]; lines?: Out[] }
  | { type: "connect"; line: Line; instead?: Out }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "answered"; url: string; answers: FormData }
  | { type: "filled"; answers: FormData; card: Card; revision: number }
  | { type: "unanswered"; answers: FormData }
  | { type: "saved"; sent: Drawing; graph: Graph }
  | { type: "reloaded"; graph: Graph };

export function start(graph: Graph): State {
  const now = { nodes: graph.nodes, edges: graph.edges };
  return {
    now, base: now, revision: graph.revision, number: graph.number, savedAt: graph.saved_at, problems: graph.problems, past: [], future: [],
  };
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "add":
      return edited(state, {
        nodes: placed([...state.now.nodes, ...action.cards], action.moves),
        edges: action.edges.reduce(withLine, state.now.edges),
      });
    case "insert":
      return edited(state, inserted(state.now, action.card, action.on, action.moves));
    case "move": {
      const nodes = placed(state.now.nodes, action.spots);
      return nodes === state.now.nodes ? state : edited(state, { ...state.now, nodes });
    }
    case "remove": {
      const cut = (action.lines ?? []).reduce(withoutLine, state.now.edges);
      return edited(state, action.keys.reduce(withoutCard, { ...state.now, edges: cut }));
    }
    case "connect": {
      const freed = action.instead ? withoutLine(state.now.edges, action.instead) : state.now.edges;
      return edited(state, { ...state.now, edges: withLine(freed, action.line) });
    }
    case "undo": {
      const last = state.past.at(-1);
      if (!last) return state;
      return { ...state, now: last, past: state.past.slice(0, -1), future: [state.now, ...state.future] };
    }
    case "redo": {
      const [next, ...rest] = state.future;
      if (!next) return state;
      return { ...state, now: next, past: [...state.past, state.now], future: rest };
    }
    case "answered": {
      if (!state.now.nodes.some((card) => card.url === action.url)) return state;
      const nodes = state.now.nodes.map((card) => (card.url === action.url ? { ...card, answers: action.answers } : card));
      return edited(state, { ...state.now, nodes });
    }
    case "filled":
      return filled(state, action.answers, action.card, action.revision);
    case "unanswered":
      return everywhere(state, (drawing) => ({ ...drawing, nodes: drawing.nodes.map((card) => (card.answers === action.answers ? withoutAnswers(card) : card)) }));
    case "saved":
      return saved(state, action.sent, action.graph);
    case "reloaded":
      return start(action.graph);
  }
}

function edited(state: State, now: Drawing): State {
  return { ...state, now, past: [...state.past, state.now], future: [] };
}

const sameOut = (a: Out, b: Out): boolean => a.source === b.source && a.port === b.port;

/** A port has one line, so an older one gives way. */
function withLine(edges: readonly Line[], line: Line): readonly Line[] {
  return [...withoutLine(edges, line), line];
}

function withoutLine(edges: readonly Line[], out: Out): readonly Line[] {
  return edges.filter((edge) => !sameOut(edge, out));
}

function placed(nodes: readonly Card[], spots: Spot[] = []): readonly Card[] {
  const to = new Map(spots.map((spot) => [spot.key, spot]));
  const moved = (card: Card): boolean => {
    const spot = to.get(card.key);
    return spot !== undefined && (spot.x !== card.x || spot.y !== card.y);
  };
  if (!nodes.some(moved)) return nodes;
  return nodes.map((card) => (moved(card) ? { ...card, x: to.get(card.key)!.x, y: to.get(card.key)!.y } : card));
}

/** Put a card on a way out; what the line led to now follows the card's first port. */
function inserted(drawing: Drawing, card: Card, on: Out, moves?: Spot[]): Drawing {
  const old = drawing.edges.find((edge) => sameOut(edge, on));
  let edges = withLine(drawing.edges, { ...on, target: card.key });
  const first = card.ports[0];
  if (old && first) edges = withLine(edges, { source: card.key, port: first.name, target: old.target });
  return { nodes: placed([...drawing.nodes, card], moves), edges };
}

/** Take a card away and close the gap: where one line leaves it, what led to it leads on. */
function withoutCard(drawing: Drawing, key: string): Drawing {
  const onward = drawing.edges.filter((edge) => edge.source === key && edge.target !== key);
  const next = onward.length === 1 ? onward[0]!.target : undefined;
  const edges = drawing.edges.flatMap((edge) => {
    if (edge.source === key) return [];
    if (edge.target !== key) return [edge];
    return next !== undefined && next !== edge.source ? [{ ...edge, target: next }] : [];
  });
  return { nodes: drawing.nodes.filter((card) => card.key !== key), edges };
}

export function withoutAnswers({ answers: _answers, ...card }: Card): Card {
  return card;
}

/** A form has been saved: its card is what the server says wherever these answers stand; not where they were taken back. */
function filled(state: State, answers: FormData, card: Card, revision: number): State {
  const ports = new Set(card.ports.map((port) => port.name));
  const put = (drawing: Drawing, old: Card | undefined, newer?: FormData): Drawing => !old ? drawing : {
    nodes: drawing.nodes.map((one) => (one === old ? { ...card, x: old.x, y: old.y, ...(newer && { answers: newer }) } : one)),
    edges: drawing.edges.filter((edge) => edge.source !== card.key || ports.has(edge.port)),
  };
  const swap = (drawing: Drawing): Drawing => put(drawing, drawing.nodes.find((one) => one.answers === answers));
  const { now, ...others } = everywhere(state, swap);
  // Newer answers of the same form were given on top of these.
  const newer = now.nodes.find((one) => one.key === card.key && one.answers);
  return { ...others, now: put(now, newer, newer?.answers), base: put(state.base, cardOf(state.base, card.key)), revision };
}

/** What was done as `change` shows it; nothing is undone or redone that comes to nothing. */
function everywhere(state: State, change: (drawing: Drawing) => Drawing): State {
  const [now, past, future] = [change(state.now), state.past.map(change), state.future.map(change)];
  return {
    ...state, now,
    past: past.filter((one, index) => !alike(one, past[index + 1] ?? now)),
    future: future.filter((one, index) => !alike(future[index - 1] ?? now, one)),
  };
}

function alike(a: Drawing, b: Drawing): boolean {
  return difference(a, b).length === 0 && a.nodes.every((card) => card.answers === cardOf(b, card.key)?.answers);
}

function saved(state: State, sent: Drawing, graph: Graph): State {
  const base = { nodes: graph.nodes, edges: graph.edges };
  const fresh = new Map(graph.nodes.map((card) => [card.key, card]));
  const asSent = new Map(sent.nodes.map((card) => [card.key, card]));
  // Words on a card follow from its form: take the server's where the form is still the one it answered for.
  const refresh = (card: Card): Card => {
    const answer = fresh.get(card.key);
    const before = asSent.get(card.key);
    if (!answer || !before || !same(card.config, before.config) || card.name !== before.name) return card;
    return { ...answer, x: card.x, y: card.y, ...(card.answers && { answers: card.answers }) };
  };
  const complete = (drawing: Drawing): Drawing =>
    drawing.nodes.some((card) => card.config === null && fresh.has(card.key))
      ? { ...drawing, nodes: drawing.nodes.map((card) => (card.config === null ? refresh(card) : card)) }
      : drawing;
  const waiting = state.now.nodes.some((card) => card.answers);
  const now = state.now === sent && !waiting ? base : { nodes: state.now.nodes.map(refresh), edges: state.now.edges };
  return {
    ...state, now, base, revision: graph.revision, number: graph.number, savedAt: graph.saved_at, problems: graph.problems,
    past: state.past.map(complete), future: state.future.map(complete),
  };
}

export function same(a: unknown, b: unknown): boolean {
  return a === b || stable(a) === stable(b);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The operations that turn `from` into `to`, in an order in which each of them is allowed. */
export function difference(from: Drawing, to: Drawing): Operation[] {
  const had = new Map(from.nodes.map((card) => [card.key, card]));
  const has = new Map(to.nodes.map((card) => [card.key, card]));
  const lines = new Map(to.edges.map((edge) => [`${edge.source} ${edge.port}`, edge]));
  const oldLines = new Map(from.edges.map((edge) => [`${edge.source} ${edge.port}`, edge]));
  const operations: Operation[] = [];
  for (const [at, edge] of oldLines) {
    if (!lines.has(at) && has.has(edge.source) && has.has(edge.target)) {
      operations.push({ op: "disconnect", source: edge.source, port: edge.port });
    }
  }
  for (const key of had.keys()) if (!has.has(key)) operations.push({ op: "delete_node", key });
  for (const { key, kind, x, y, name, config } of has.values()) {
    if (!had.has(key)) operations.push({ op: "add_node", key, kind, x, y, name, config });
  }
  for (const card of has.values()) operations.push(...cardDifference(had.get(card.key), card));
  for (const [at, edge] of lines) {
    const old = oldLines.get(at);
    if (old?.target !== edge.target || !had.has(edge.source)) {
      operations.push({ op: "connect", source: edge.source, port: edge.port, target: edge.target });
    }
  }
  return operations;
}

function cardDifference(old: Card | undefined, card: Card): Operation[] {
  const { key, x, y, name, config } = card;
  if (!old || old === card) return [];
  const operations: Operation[] = [];
  if (config !== null && !same(old.config, config)) operations.push({ op: "configure", key, config: config as Config });
  if (old.name !== name) operations.push({ op: "rename_node", key, name });
  if (old.x !== x || old.y !== y) operations.push({ op: "move_node", key, x, y });
  return operations;
}

export function cardOf(drawing: Drawing, key: string): Card | undefined {
  return drawing.nodes.find((card) => card.key === key);
}

export function lineFrom(drawing: Drawing, out: Out): Line | undefined {
  return drawing.edges.find((edge) => sameOut(edge, out));
}

/** The first way out that leads nowhere yet. */
export function openPort(drawing: Drawing, card: Card): string | undefined {
  return card.ports.find((port) => !lineFrom(drawing, { source: card.key, port: port.name }))?.name;
}

/** Every card that follows `key`, itself left out unless it lies in a circle. */
export function following(drawing: Drawing, key: string): Set<string> {
  const seen = new Set<string>();
  const todo = [key];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const edge of drawing.edges) {
      if (edge.source === at && !seen.has(edge.target)) {
        seen.add(edge.target);
        todo.push(edge.target);
      }
    }
  }
  return seen;
}
