// A kind of condition as the server describes it: which tokens its sentence has, and where each finds its value.
import { drop, get, isRaw, type Json, type Raw, same, set } from "./json";
import { group, type Group, isGroup, type Node, replace } from "./tree";
import { windowProblem } from "./windows";
import { t } from "./words";

export type Scalar = string | number;
export interface Field {
  name: string;
  type: string;
  count: number;
  values: { value: Scalar; count: number }[];
}
export interface Operator {
  name: string;
  label: string;
  types: string[];
  argument: string;
  opposite: string;
}
export interface Named {
  name: string;
  label: string;
}
/** Something that can be picked by name: an event, a segment, a template. */
export interface Choice {
  value: Scalar;
  label: string;
  count?: number;
  detail?: string;
}
export interface When {
  has?: string[];
  lacks?: string[];
  /** Shown unless all of these are so. */
  unless?: Raw;
}
export type FieldsFrom = { source: string } | { event: string };
interface Base {
  name: string;
  when?: When;
  missing?: string;
}
export interface ChoiceOption {
  label: string;
  set: Raw;
  drop?: string[];
  hidden?: boolean;
}
export type Token =
  | (Base & { as: "subject"; at?: string; text?: string; icon: string; tone: string })
  | (Base & { as: "word"; text: string })
  | (Base & { as: "choice"; options: ChoiceOption[] })
  | (Base & { as: "number"; at: string; one: string; many: string; min: number; max: number; whole: boolean })
  | (Base & { as: "text"; at: string })
  | (Base & { as: "pick"; at: string; source: string; none?: string; empty?: ""; typed: boolean; icon?: string })
  | (Base & { as: "field"; at: string; fields: FieldsFrom })
  | (Base & { as: "question"; fields: FieldsFrom })
  | (Base & { as: "window"; at: string })
  | (Base & { as: "period"; at: string; label: string; none?: string })
  | (Base & { as: "where"; at: string; fields: FieldsFrom })
  | (Base & { as: "lines"; at: string; first: Token[]; next: Token[]; fresh: Raw; add: string; least: number });

export interface Start {
  label: string;
  icon: string;
  group: string;
  raw: Raw;
  detail?: string;
  /** Offers each of a source; what is chosen goes to `into`. */
  source?: string;
  fields?: string;
  into?: string;
  typed?: string;
}
export interface Sentence {
  type: string;
  tokens: Token[];
  starts: Start[];
  opposite: string;
}
export interface Schema {
  fields: Record<string, Field[]>;
  sources: Record<string, Choice[]>;
  operators: Operator[];
  units: Named[];
  kinds: Sentence[];
  icons: Record<string, string>;
}
export const NOTHING: Schema = { fields: {}, sources: {}, operators: [], units: [], kinds: [], icons: {} };

export const sentence = (schema: Schema, raw: Raw): Sentence | undefined => schema.kinds.find((one) => one.type === raw.type);

/** Operators that fit a type; all of them where the type is not known. */
export const fitting = (schema: Schema, type: string | undefined): Operator[] =>
  schema.operators.filter((one) => !type || one.types.length === 0 || one.types.includes(type));

export const isPeriod = (value: Json | undefined): value is { amount: number; unit: string } => isRaw(value) && typeof value.amount === "number";

export function shown(token: Token, raw: Raw): boolean {
  const { has = [], lacks = [], unless } = token.when ?? {};
  const not = unless && Object.entries(unless).every(([path, value]) => same(get(raw, path), value));
  return has.every((path) => get(raw, path) != null) && lacks.every((path) => get(raw, path) == null) && !not;
}

export const isChosen = (option: ChoiceOption, raw: Raw): boolean =>
  Object.entries(option.set).every(([path, value]) => same(get(raw, path), value)) && (option.drop ?? []).every((name) => raw[name] == null);

/** Take an option; what it does not speak of stays. */
export function choose(option: ChoiceOption, raw: Raw): Raw {
  const kept = (option.drop ?? []).reduce(drop, raw);
  return Object.entries(option.set).reduce((changed, [path, value]) => (value === null && !path.includes(".") && !(path in changed) ? changed : set(changed, path, value)), kept);
}

/** A question about another field: the operator stays where it fits, else the first that does. */
export function ask(raw: Raw, field: string, fields: Field[], schema: Schema): Raw {
  const type = fields.find((one) => one.name === field)?.type;
  const options = fitting(schema, type);
  const kept = options.find((one) => one.name === raw.op);
  const op = kept ?? options.find((one) => one.types[0] === type) ?? options.find((one) => one.types.length > 0) ?? options[0];
  const asked = { ...raw, field };
  return op ? withValue({ ...asked, op: op.name }, fitValue(kept ? raw.value : null, op.argument)) : asked;
}

/** Operators without a value have none in JSON either. */
export const withValue = (raw: Raw, value: Json): Raw => (value === null ? drop(raw, "value") : { ...raw, value });

/** Keep a value when the operator changes, as far as the new one can take it. */
export function fitValue(value: Json | undefined, argument: string): Json {
  const first = Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
  const plain = typeof first === "string" || typeof first === "number" ? first : null;
  switch (argument) {
    case "none":
      return null;
    case "scalars":
      return Array.isArray(value) ? value : plain === null ? [] : [plain];
    case "numbers":
    case "days":
      return Array.isArray(value) && value.length === 2 ? value : null;
    case "period":
      return isPeriod(value) ? value : { amount: 30, unit: "days" };
    case "days_period":
      return isPeriod(value) && ["days", "weeks"].includes(value.unit) ? value : { amount: 7, unit: "days" };
    case "number": {
      const read = typeof plain === "string" && plain.trim() ? Number(plain) : plain;
      return typeof read === "number" && Number.isFinite(read) ? read : null;
    }
    case "scalar":
      return plain;
    default:
      return typeof plain === "number" && argument === "text" ? String(plain) : typeof plain === "string" ? plain : null;
  }
}

function valueProblem(value: Json | undefined, argument: string): string | null {
  const missing = argument === "moment" || argument === "day" ? t("Choose a day.") : t("Give a value.");
  switch (argument) {
    case "none":
      return null;
    case "scalars":
      return Array.isArray(value) && value.length ? null : t("Choose at least one value.");
    case "numbers":
    case "days":
      return Array.isArray(value) && value.length === 2 ? null : t("Give two values: from and to.");
    case "period":
    case "days_period":
      return isPeriod(value) ? null : t("Say how long.");
    case "number":
      return typeof value === "number" ? null : t("Give a number.");
    default:
      return value == null || value === "" || typeof value === "object" ? missing : null;
  }
}

export function questionProblem(raw: Json | undefined, schema: Schema): string | null {
  if (!isRaw(raw) || !raw.field) return t("Choose a property.");
  const operator = schema.operators.find((one) => one.name === raw.op);
  return operator ? valueProblem(raw.value, operator.argument) : t("Choose a comparison.");
}

/** What a token still needs, in words. */
export function problem(token: Token, raw: Raw, schema: Schema): string | null {
  if (!shown(token, raw) || token.as === "word") return null;
  const missing = token.missing ?? t("Choose {what}.", { what: token.name });
  const value = "at" in token && token.at ? get(raw, token.at) : undefined;
  switch (token.as) {
    case "subject":
      return token.at && !value ? missing : null;
    case "choice":
      return token.options.some((option) => isChosen(option, raw)) ? null : missing;
    case "question":
      return questionProblem(raw, schema);
    case "window":
      return windowProblem(value);
    case "where":
      return Array.isArray(value) ? (value.map((one) => questionProblem(one, schema)).find(Boolean) ?? null) : null;
    case "lines": {
      const lines = Array.isArray(value) ? value.filter(isRaw) : [];
      const inside = lines.map((line, index) => sentenceProblem(index ? token.next : token.first, line, schema));
      return inside.find(Boolean) ?? (lines.length < token.least ? missing : null);
    }
    case "number":
      return typeof value === "number" ? null : missing;
    case "pick":
    case "period":
      return (value == null || value === "") && token.none === undefined ? missing : null;
    default:
      return value == null || value === "" ? missing : null;
  }
}

export function sentenceProblem(tokens: Token[], raw: Raw, schema: Schema): string | null {
  for (const token of tokens) {
    const found = problem(token, raw, schema);
    if (found) return found;
  }
  return null;
}

/** What a row still needs; what is not finished counts as nobody. */
export function rowProblem(raw: Raw, schema: Schema): string | null {
  if (raw.type === undefined) return t("Choose what it is about.");
  const known = sentence(schema, raw);
  return known ? sentenceProblem(known.tokens, raw, schema) : t("This row cannot be understood. Remove it and build it again.");
}

/** The exact opposite: by the row's own words where there are some, else by a "none" around it. */
export function negate(root: Group, id: string, schema: Schema): Group {
  return replace(root, id, (node): Node[] => {
    if (!isGroup(node)) {
      const own = opposite(node.raw, schema);
      return [own ? { ...node, raw: own } : group("none", [node])];
    }
    if (node.type === "none") return node.of.length === 1 && !node.off ? node.of : [{ ...node, type: "any" }];
    return [node.type === "any" ? { ...node, type: "none" } : group("none", [node])];
  });
}

function opposite(raw: Raw, schema: Schema): Raw | null {
  const at = sentence(schema, raw)?.opposite;
  if (!at) return null;
  const value = get(raw, at);
  if (typeof value === "boolean") return set(raw, at, !value);
  const word = schema.operators.find((one) => one.name === value);
  const other = schema.operators.find((one) => (word?.opposite ? one.name === word.opposite : one.opposite !== "" && one.opposite === word?.name));
  return other ? set(raw, at, other.name) : null;
}
