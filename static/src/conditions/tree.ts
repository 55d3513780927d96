// The condition being edited: groups and rows with ids of their own. Pure; what a row asks stays the server's JSON.
import { isRaw, type Json, type Raw } from "./json";

export const GROUPS = ["all", "any", "none", "at_least"] as const;
export type GroupType = (typeof GROUPS)[number];
/** One question. `raw` is its JSON without "off"; an empty one is a row just added. */
export interface Row {
  id: string;
  raw: Raw;
  off: boolean;
}
export interface Group {
  id: string;
  type: GroupType;
  n: number;
  of: Node[];
  off: boolean;
}
export type Node = Row | Group;

let last = 0;
export const newId = (): string => `c${++last}`;
export const row = (raw: Raw = {}): Row => ({ id: newId(), raw, off: false });
export const group = (type: GroupType, of: Node[]): Group => ({ id: newId(), type, n: 2, of, off: false });
export const isGroup = (node: Node): node is Group => "of" in node;
const isGroupType = (type: unknown): type is GroupType => GROUPS.includes(type as GroupType);

export function readNode(json: unknown): Node {
  if (!isRaw(json)) return row(json === null || json === undefined ? {} : { type: "unreadable", json: json as Json });
  const { off, ...raw } = json;
  if (!isGroupType(raw.type)) return { ...row(raw.type === "empty" ? {} : raw), off: off === true };
  const of = Array.isArray(raw.of) ? raw.of.map(readNode) : [];
  return { ...group(raw.type, of), n: typeof raw.n === "number" ? raw.n : 2, off: off === true };
}

/** The whole condition: always a group outside that is on, so that rows can be added. */
export function read(text: string): Group {
  let json: unknown = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    json = { type: "unreadable", text };
  }
  if (isRaw(json) && Object.keys(json).length === 0) json = null;
  if (json === null) return group("all", []);
  const node = readNode(json);
  return isGroup(node) && !node.off ? node : group("all", [node]);
}

export function writeNode(node: Node): Raw {
  const off: Raw = node.off ? { off: true } : {};
  if (!isGroup(node)) return { ...(node.raw.type === undefined ? { type: "empty" } : node.raw), ...off };
  return { type: node.type, ...(node.type === "at_least" ? { n: node.n } : {}), of: node.of.map(writeNode), ...off };
}

/** Nothing asked is an empty text, so that a required field notices. */
export const write = (root: Group): string => (root.of.length ? JSON.stringify(writeNode(root)) : "");

export interface Found {
  node: Node;
  parent: Group;
  index: number;
}

export function find(root: Group, id: string): Found | null {
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

export const change = (root: Group, id: string, node: Node): Group => (root.id === id ? (node as Group) : replace(root, id, () => [node]));

export function insert(root: Group, parent: string, index: number, ...nodes: Node[]): Group {
  if (root.id === parent) return { ...root, of: [...root.of.slice(0, index), ...nodes, ...root.of.slice(index)] };
  return { ...root, of: root.of.map((child) => (isGroup(child) ? insert(child, parent, index, ...nodes) : child)) };
}

export const remove = (root: Group, id: string): Group => replace(root, id, () => []);

export function copy(node: Node): Node {
  return isGroup(node) ? { ...node, id: newId(), of: node.of.map(copy) } : { ...node, id: newId() };
}

export const duplicate = (root: Group, id: string): Group => replace(root, id, (node) => [node, copy(node)]);

export const toggle = (root: Group, id: string): Group => replace(root, id, (node) => [{ ...node, off: !node.off }]);

/** A group inside one of this type is of the other one, else it would say nothing new. */
const within = (parent: Group): GroupType => (parent.type === "any" || parent.type === "none" ? "all" : "any");

/** Put a node into a group of its own. */
export function wrap(root: Group, id: string): Group {
  const found = find(root, id);
  return found ? replace(root, id, (node) => [group(within(found.parent), [node])]) : root;
}

/** Take a group's rows out of it. */
export const unwrap = (root: Group, id: string): Group => replace(root, id, (node) => (isGroup(node) ? node.of : [node]));

/** Whether `id` is `inside` or has it somewhere inside. */
function holds(root: Group, id: string, inside: string): boolean {
  const found = find(root, id);
  return id === inside || (found !== null && isGroup(found.node) && find(found.node, inside) !== null);
}

export function move(root: Group, id: string, parent: string, index: number): Group {
  const found = find(root, id);
  if (!found || holds(root, id, parent)) return root;
  const shift = found.parent.id === parent && found.index < index ? 1 : 0;
  return insert(remove(root, id), parent, index - shift, found.node);
}

/** Drop one node onto another: onto a group it goes into it, onto a row the two become a group. */
export function join(root: Group, id: string, onto: string): Group {
  const [moved, target] = [find(root, id), find(root, onto)];
  if (!moved || !target || holds(root, id, onto)) return root;
  if (isGroup(target.node)) return move(root, id, onto, target.node.of.length);
  return replace(remove(root, id), onto, (node) => [group(within(target.parent), [node, moved.node])]);
}

/** One step up or down in reading order, into and out of groups. */
export function step(root: Group, id: string, by: -1 | 1): Group {
  const found = find(root, id);
  if (!found) return root;
  const beside = found.parent.of[found.index + by];
  if (beside && isGroup(beside)) return move(root, id, beside.id, by === 1 ? 0 : beside.of.length);
  if (beside) return move(root, id, found.parent.id, by === 1 ? found.index + 2 : found.index - 1);
  return out(root, id, by);
}

/** Out of its group, to stand behind (or before) it. */
export function out(root: Group, id: string, by: -1 | 1 = 1): Group {
  const found = find(root, id);
  const outer = found && find(root, found.parent.id);
  return outer ? move(root, id, outer.parent.id, by === 1 ? outer.index + 1 : outer.index) : root;
}

/** Into the group before it, else into the one behind it, else into one together with the row before it. */
export function into(root: Group, id: string): Group {
  const found = find(root, id);
  if (!found) return root;
  const [before, behind] = [found.parent.of[found.index - 1], found.parent.of[found.index + 1]];
  if (before && isGroup(before)) return move(root, id, before.id, before.of.length);
  if (behind && isGroup(behind)) return move(root, id, behind.id, 0);
  return before ? join(root, id, before.id) : root;
}

/** Rows and groups in reading order. */
export const order = (root: Group): string[] => root.of.flatMap((node) => [node.id, ...(isGroup(node) ? order(node) : [])]);

/** Those of `ids` that stand in no other of them, in reading order. */
export const chosen = (root: Group, ids: ReadonlySet<string>): Node[] =>
  root.of.flatMap((node) => (ids.has(node.id) ? [node] : isGroup(node) ? chosen(node, ids) : []));

/** What stands from one to the other, both included. */
export function between(root: Group, one: string, other: string): string[] {
  const all = order(root);
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b) as [number, number];
  return from < 0 ? [other] : all.slice(from, to + 1);
}

/** Put all of them into one group, where the first of them stands. */
export function wrapAll(root: Group, ids: ReadonlySet<string>): Group {
  const [first, ...others] = chosen(root, ids);
  const found = first && find(root, first.id);
  if (!found) return root;
  const left = others.reduce<Group>((rest, one) => remove(rest, one.id), root);
  return replace(left, first.id, () => [group(within(found.parent), [first, ...others])]);
}

export const removeAll = (root: Group, ids: ReadonlySet<string>): Group => chosen(root, ids).reduce<Group>((rest, one) => remove(rest, one.id), root);

export const duplicateAll = (root: Group, ids: ReadonlySet<string>): Group => chosen(root, ids).reduce<Group>((rest, one) => duplicate(rest, one.id), root);

/** Off, or all on where none is on. */
export function toggleAll(root: Group, ids: ReadonlySet<string>): Group {
  const nodes = chosen(root, ids);
  const off = nodes.some((one) => !one.off);
  return nodes.reduce<Group>((rest, one) => replace(rest, one.id, (node) => [{ ...node, off }]), root);
}

/** Where each node stands, as the server names it: "of[1].of[0]". */
export function paths(node: Group, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  node.of.forEach((child, index) => {
    const path = `${prefix}${prefix ? "." : ""}of[${index}]`;
    found[child.id] = path;
    if (isGroup(child)) Object.assign(found, paths(child, path));
  });
  return found;
}

/** What somebody copied, as nodes: a condition or a list of them. Null where the text is something else. */
export function pasted(text: string): Node[] | null {
  try {
    const json: unknown = JSON.parse(text);
    const list = Array.isArray(json) ? json : [json];
    return list.length && list.every((one) => isRaw(one) && typeof one.type === "string") ? list.map(readNode) : null;
  } catch {
    return null;
  }
}

export const copied = (...nodes: Node[]): string => JSON.stringify(nodes.length === 1 ? writeNode(nodes[0]!) : nodes.map(writeNode), null, 2);
