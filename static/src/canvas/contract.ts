// The only types of what the server sends, with a guard that names what does not fit.

export interface Port { name: string; label: string }
export interface Problem { text: string; level: "error" | "warning" }
export interface DrawingProblem extends Problem { node: string }
export type Config = Record<string, unknown>;

export interface Card {
  key: string;
  kind: string;
  name: string;
  title: string;
  x: number;
  y: number;
  /** null: fresh from the palette, the server has not filled in its defaults yet. */
  config: Config | null;
  summary: string;
  ports: Port[];
  /** How much more room is needed below for the names of its ways. */
  names_below: number;
  problems: Problem[];
  /** What its channel cannot tell of a message: opened, clicked. */
  untracked: string[];
  url: string;
  /** What has been filled in and the server has not taken yet: its form as it was left. */
  answers?: FormData;
  /** Beside another version: what has become of it, and what it said before. */
  change?: Change;
  was?: string;
}
export type Change = "" | "added" | "changed" | "removed";
export interface Line { source: string; port: string; target: string; change?: Change }
export interface Graph {
  revision: number;
  /** What the page that made the last edit called it. */
  edit: string;
  /** The version's number. */
  number: number;
  saved_at: string;
  nodes: Card[];
  edges: Line[];
  problems: DrawingProblem[];
}

export interface Category { key: string; label: string; one: string }
export interface Kind {
  kind: string;
  label: string;
  category: string;
  icon: string;
  help: string;
  order: number;
  ports: Port[];
  names_below: number;
  limits: { incoming: boolean };
}
export interface Manifest { categories: Category[]; kinds: Kind[] }

export interface Boot {
  mode: "design" | "report" | "read";
  editable: boolean;
  urls: { operations: string; graph: string; counts: string; people: string; node: string };
  icons: Record<string, string>;
}

export interface Counts {
  entered: number;
  left: number;
  inside: number;
  sent: number;
  delivered: number;
  opened: number;
  clicked: number;
  human_opened: number;
  replied: number;
  late: number;
  goal: number;
  skipped: number;
  failed: number;
  converted: number;
  completed: number;
  exited: number;
  overdue: number;
  next_in_seconds: number | null;
  ports: Record<string, number>;
}
/** `untracked`: what is not known of any message, beside what its channel does not tell. */
export interface CountsAnswer { nodes: Record<string, Counts>; untracked: string[] }

export type Operation =
  | { op: "add_node"; key: string; kind: string; x: number; y: number; name: string; config: Config | null }
  | { op: "move_node"; key: string; x: number; y: number }
  | { op: "rename_node"; key: string; name: string }
  | { op: "delete_node"; key: string }
  | { op: "configure"; key: string; config: Config }
  | { op: "connect"; source: string; port: string; target: string }
  | { op: "disconnect"; source: string; port: string };

export class ContractError extends Error {}

type Check = (value: unknown, path: string) => void;

function fail(path: string, wanted: string): never {
  throw new ContractError(`${path || "answer"}: ${wanted} expected`);
}
const text: Check = (value, path) => { if (typeof value !== "string") fail(path, "text"); };
const number: Check = (value, path) => { if (typeof value !== "number" || !Number.isFinite(value)) fail(path, "number"); };
const flag: Check = (value, path) => { if (typeof value !== "boolean") fail(path, "true or false"); };
const record: Check = (value, path) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "object");
};
const orNull = (check: Check): Check => (value, path) => { if (value !== null) check(value, path); };
const oneOf = (...allowed: string[]): Check => (value, path) => {
  if (!allowed.includes(value as string)) fail(path, allowed.join(" or "));
};
const list = (check: Check): Check => (value, path) => {
  if (!Array.isArray(value)) fail(path, "list");
  value.forEach((item, index) => check(item, `${path}[${index}]`));
};
const shape = (fields: Record<string, Check>): Check => (value, path) => {
  record(value, path);
  for (const [name, check] of Object.entries(fields)) {
    check((value as Record<string, unknown>)[name], path ? `${path}.${name}` : name);
  }
};
const mapOf = (check: Check): Check => (value, path) => {
  record(value, path);
  for (const [name, item] of Object.entries(value as object)) check(item, `${path}.${name}`);
};

const port = shape({ name: text, label: text });
const level = oneOf("error", "warning");
const card = shape({
  key: text, kind: text, name: text, title: text, x: number, y: number, config: orNull(record), summary: text,
  ports: list(port), names_below: number, problems: list(shape({ text, level })), untracked: list(text), url: text,
});
const graph = shape({
  revision: number, edit: text, number, saved_at: text, nodes: list(card),
  edges: list(shape({ source: text, port: text, target: text })),
  problems: list(shape({ text, level, node: text })),
});
const manifest = shape({
  categories: list(shape({ key: text, label: text, one: text })),
  kinds: list(shape({
    kind: text, label: text, category: text, icon: text, help: text, order: number, ports: list(port), names_below: number,
    limits: shape({ incoming: flag }),
  })),
});
const boot = shape({
  mode: oneOf("design", "report", "read"), editable: flag,
  urls: shape({ operations: text, graph: text, counts: text, people: text, node: text }), icons: mapOf(text),
});
const counts = shape({
  nodes: mapOf(shape({
    entered: number, left: number, inside: number, sent: number, delivered: number, opened: number, clicked: number,
    human_opened: number, replied: number, late: number, goal: number, skipped: number, failed: number, converted: number, completed: number, exited: number, overdue: number,
    next_in_seconds: orNull(number), ports: mapOf(number),
  })),
  untracked: list(text),
});

function reader<T>(check: Check): (value: unknown) => T {
  return (value) => {
    check(value, "");
    return value as T;
  };
}

export const readCard = reader<Card>(card);
export const readGraph = reader<Graph>(graph);
export const readManifest = reader<Manifest>(manifest);
export const readBoot = reader<Boot>(boot);
export const readCounts = reader<CountsAnswer>(counts);
