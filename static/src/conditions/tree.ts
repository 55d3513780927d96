// The condition being edited: a tree of rows with ids of their own. Pure; the server's JSON is read and written here.
export type Scalar = string | number;
export interface Period {
  amount: number;
  unit: string;
}
export type Value = Scalar | Scalar[] | Period | null;
export interface Question {
  id: string;
  field: string;
  op: string;
  value: Value;
}
export interface AttributeRow extends Question {
  type: "attribute";
}
export interface EventRow {
  id: string;
  type: "event";
  event: string;
  did: boolean;
  count: { op: string; n: number };
  within: Period | null;
  where: Question[];
}
export interface SegmentRow {
  id: string;
  type: "segment";
  segment: number | null;
  in: boolean;
}
/** A row just added, or one that this editor does not know: kept as it came. */
export interface OtherRow {
  id: string;
  type: "empty" | "unknown";
  raw?: unknown;
}
export type Row = AttributeRow | EventRow | SegmentRow | OtherRow;
export interface Group {
  id: string;
  type: "all" | "any" | "none";
  of: Node[];
}
export type Node = Row | Group;
/** What kind of value each operator takes; from the server. */
export type Arguments = Record<string, string>;

let last = 0;
export const newId = (): string => `c${++last}`;
export const emptyRow = (): OtherRow => ({ id: newId(), type: "empty" });
export const emptyQuestion = (): Question => ({ id: newId(), field: "", op: "", value: null });
export const group = (type: Group["type"], of: Node[]): Group => ({ id: newId(), type, of });
export const isGroup = (node: Node): node is Group => node.type === "all" || node.type === "any" || node.type === "none";
export const eventRow = (event: string): EventRow => ({
  id: newId(), type: "event", event, did: true, count: { op: "at_least", n: 1 }, within: null, where: [],
});

type Raw = Record<string, unknown>;
const isRaw = (raw: unknown): raw is Raw => typeof raw === "object" && raw !== null && !Array.isArray(raw);

export function readQuestion(raw: unknown): Question {
  const { field, op, value } = isRaw(raw) ? raw : ({} as Raw);
  return { id: newId(), field: String(field ?? ""), op: String(op ?? ""), value: (value ?? null) as Value };
}

export function readNode(raw: unknown): Node {
  if (!isRaw(raw)) return emptyRow();
  switch (raw.type) {
    case "all":
    case "any":
    case "none":
      return group(raw.type, Array.isArray(raw.of) ? raw.of.map(readNode) : []);
    case "attribute":
      return { type: "attribute", ...readQuestion(raw) };
    case "event": {
      const count = isRaw(raw.count) ? raw.count : { op: "at_least", n: 1 };
      return {
        ...eventRow(String(raw.event ?? "")),
        did: raw.did !== false,
        count: { op: String(count.op), n: Number(count.n) },
        within: isRaw(raw.within) ? { amount: Number(raw.within.amount), unit: String(raw.within.unit) } : null,
        where: Array.isArray(raw.where) ? raw.where.map(readQuestion) : [],
      };
    }
    case "segment":
      return { id: newId(), type: "segment", segment: typeof raw.segment === "number" ? raw.segment : null, in: raw.in !== false };
    case undefined:
    case "empty":
      return emptyRow();
    default:
      return { id: newId(), type: "unknown", raw };
  }
}

/** The whole condition: always a group outside, so that rows can be added. */
export function read(text: string): Group {
  let raw: unknown = null;
  try {
    raw = text ? JSON.parse(text) : null;
  } catch {
    raw = { type: "unreadable", text };
  }
  if (!isRaw(raw) || Object.keys(raw).length === 0) return group("all", []);
  const node = readNode(raw);
  return isGroup(node) ? node : group("all", [node]);
}

export function readWhere(text: string): Question[] {
  try {
    const raw: unknown = text ? JSON.parse(text) : [];
    return Array.isArray(raw) ? raw.map(readQuestion) : [];
  } catch {
    return [];
  }
}

export function writeQuestion({ field, op, value }: Question): Raw {
  return value === null ? { field, op } : { field, op, value };
}

export function writeNode(node: Node): unknown {
  if (isGroup(node)) return { type: node.type, of: node.of.map(writeNode) };
  switch (node.type) {
    case "attribute":
      return { type: "attribute", ...writeQuestion(node) };
    case "event": {
      const { event, did, count, within, where } = node;
      return { type: "event", event, did, count, within, where: where.map(writeQuestion) };
    }
    case "segment":
      return { type: "segment", segment: node.segment, in: node.in };
    case "unknown":
      return node.raw;
    default:
      return { type: "empty" };
  }
}

/** Nothing asked is an empty text, so that a required field notices. */
export const write = (root: Group): string => (root.of.length ? JSON.stringify(writeNode(root)) : "");
export const writeWhere = (where: Question[]): string => (where.length ? JSON.stringify(where.map(writeQuestion)) : "");

export function find(root: Group, id: string): { node: Node; parent: Group; index: number } | null {
  for (const [index, node] of root.of.entries()) {
    if (node.id === id) return { node, parent: root, index };
    const inside = isGroup(node) ? find(node, id) : null;
    if (inside) return inside;
  }
  return null;
}

/** Replace one node by any number of nodes. */
export function replace(root: Group, id: string, by: (node: Node) => Node[]): Group {
  return { ...root, of: root.of.flatMap((node) => (node.id === id ? by(node) : [isGroup(node) ? replace(node, id, by) : node])) };
}

export function change(root: Group, id: string, node: Node): Group {
  return root.id === id ? (node as Group) : replace(root, id, () => [node]);
}

export function insert(root: Group, parent: string, index: number, node: Node): Group {
  if (root.id === parent) return { ...root, of: [...root.of.slice(0, index), node, ...root.of.slice(index)] };
  return { ...root, of: root.of.map((child) => (isGroup(child) ? insert(child, parent, index, node) : child)) };
}

export const remove = (root: Group, id: string): Group => replace(root, id, () => []);

export function copy(node: Node): Node {
  return isGroup(node) ? group(node.type, node.of.map(copy)) : readNode(writeNode(node));
}

export const duplicate = (root: Group, id: string): Group => replace(root, id, (node) => [node, copy(node)]);

/** Put a node into a group of its own. */
export const wrap = (root: Group, id: string): Group => replace(root, id, (node) => [group("any", [node])]);

/** Take a group's rows out of it. */
export const unwrap = (root: Group, id: string): Group => replace(root, id, (node) => (isGroup(node) ? node.of : [node]));

const OPPOSITES: Record<string, string> = {
  eq: "ne", contains: "not_contains", is_set: "is_not_set", in_last: "not_in_last",
};
const OPPOSITE: Record<string, string> = {
  ...OPPOSITES, ...Object.fromEntries(Object.entries(OPPOSITES).map(([one, other]) => [other, one])),
};

/** The exact opposite: by the row's own words where there are some, else by a "none" around it. */
export function negate(root: Group, id: string): Group {
  return replace(root, id, (node) => {
    if (node.type === "event") return [{ ...node, did: !node.did }];
    if (node.type === "segment") return [{ ...node, in: !node.in }];
    if (node.type === "attribute" && OPPOSITE[node.op]) return [{ ...node, op: OPPOSITE[node.op]! }];
    if (node.type === "none") return node.of.length === 1 ? node.of : [{ ...node, type: "any" }];
    if (node.type === "any") return [{ ...node, type: "none" }];
    return [group("none", [node])];
  });
}

export function move(root: Group, id: string, parent: string, index: number): Group {
  const found = find(root, id);
  if (!found || (isGroup(found.node) && (found.node.id === parent || find(found.node, parent)))) return root;
  const shift = found.parent.id === parent && found.index < index ? 1 : 0;
  return insert(remove(root, id), parent, index - shift, found.node);
}

/** One step up or down in reading order, into and out of groups. */
export function step(root: Group, id: string, by: -1 | 1): Group {
  const found = find(root, id);
  if (!found) return root;
  const beside = found.parent.of[found.index + by];
  if (beside && isGroup(beside)) return move(root, id, beside.id, by === 1 ? 0 : beside.of.length);
  if (beside) return move(root, id, found.parent.id, by === 1 ? found.index + 2 : found.index - 1);
  const outer = find(root, found.parent.id);
  return outer ? move(root, id, outer.parent.id, by === 1 ? outer.index + 1 : outer.index) : root;
}

/** Where each row stands, as the server names it: "of[1].of[0]". */
export function paths(node: Group, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  node.of.forEach((child, index) => {
    const path = `${prefix}${prefix ? "." : ""}of[${index}]`;
    found[child.id] = path;
    if (isGroup(child)) Object.assign(found, paths(child, path));
  });
  return found;
}

function answered(argument: string | undefined, value: Value): boolean {
  switch (argument) {
    case "none":
      return true;
    case "scalars":
      return Array.isArray(value) && value.length > 0;
    case "period":
      return isPeriod(value) && value.amount > 0;
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    default:
      return value !== null && value !== "" && !Array.isArray(value) && !isPeriod(value);
  }
}

export const isPeriod = (value: Value): value is Period => typeof value === "object" && value !== null && !Array.isArray(value);

export const questionDone = (question: Question, takes: Arguments): boolean =>
  question.field !== "" && question.op in takes && answered(takes[question.op], question.value);

/** Whether a row is ready; what is not counts as nobody. */
export function done(node: Node, takes: Arguments): boolean {
  if (isGroup(node)) return node.of.length > 0 && node.of.every((child) => done(child, takes));
  switch (node.type) {
    case "attribute":
      return questionDone(node, takes);
    case "event":
      return node.event !== "" && node.where.every((one) => questionDone(one, takes));
    case "segment":
      return node.segment !== null;
    default:
      return false;
  }
}

/** Keep a value when the operator changes, as far as the new one can take it. */
export function fitValue(value: Value, argument: string): Value {
  const first = Array.isArray(value) ? (value[0] ?? null) : value;
  switch (argument) {
    case "none":
      return null;
    case "scalars":
      return Array.isArray(value) ? value : value === null || isPeriod(value) ? [] : [value];
    case "period":
      return isPeriod(value) ? value : { amount: 30, unit: "days" };
    case "number": {
      const read = typeof first === "string" && first.trim() ? Number(first) : first;
      return typeof read === "number" && Number.isFinite(read) ? read : null;
    }
    case "text":
    case "moment":
      return typeof first === "string" ? first : typeof first === "number" && argument === "text" ? String(first) : null;
    default:
      return isPeriod(first) ? null : first;
  }
}
