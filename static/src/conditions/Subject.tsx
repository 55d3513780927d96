// The first token of a row: everything a condition can be about, as the server lists it.
import { Choose, type Option } from "./Choose";
import type { Json, Raw } from "./json";
import { Popover } from "./Popover";
import type { Context } from "./schema";
import { ask, type Field, type Schema, type Start } from "./sentence";
import { spoken, t, valueWords } from "./words";

interface Offer {
  option: Option;
  start: Start;
  value: Json;
}

const typeName = (type: string): string =>
  ({ text: t("text"), number: t("number"), boolean: t("yes or no"), date: t("date"), list: t("list") })[type] ?? type;

/** "number · 10, 25": what kind of values a field has, and some of them. */
export function describeField(field: Field): string {
  const examples = field.values.slice(0, 2).map((one) => valueWords(one.value));
  return [typeName(field.type), examples.join(", ")].filter(Boolean).join(" · ");
}

export function offers(schema: Schema, attributesOnly: boolean): Offer[] {
  const found: Offer[] = [];
  const starts = schema.kinds.flatMap((kind) => kind.starts.map((start, index) => ({ start, key: `${kind.type}.${index}` })));
  for (const { start, key } of starts) {
    if (attributesOnly && start.fields !== "attributes") continue;
    const { icon, group } = start;
    if (start.fields) {
      for (const field of schema.fields[start.fields] ?? [])
        found.push({ start, value: field.name, option: { key: `${key}:${field.name}`, label: spoken(field.name), icon, group, count: field.count, detail: describeField(field) } });
    } else if (start.source) {
      for (const one of schema.sources[start.source] ?? [])
        found.push({ start, value: one.value, option: { key: `${key}:${one.value}`, label: one.label, icon, group, count: one.count, detail: one.detail } });
    } else found.push({ start, value: null, option: { key, label: start.label, icon, group, detail: start.detail } });
  }
  const order = [...new Set(found.map((one) => one.option.group))];
  return order.flatMap((group) => found.filter((one) => one.option.group === group));
}

function typedOffers(schema: Schema, attributesOnly: boolean, text: string): Offer[] {
  const starts = schema.kinds.flatMap((kind) => kind.starts).filter((start) => start.typed && (!attributesOnly || start.fields === "attributes"));
  return starts.map((start, index) => ({ start, value: text, option: { key: `typed.${index}:${text}`, label: text, icon: start.icon, group: t("Not seen yet"), detail: start.typed } }));
}

/** The row's JSON after a subject was chosen; of the same kind, the rest of the sentence stays. */
export function begun({ start, value }: Pick<Offer, "start" | "value">, before: Raw, schema: Schema): Raw {
  if (!start.into) return structuredClone(start.raw);
  const kept = before.type === start.raw.type;
  const base = structuredClone(kept ? before : start.raw);
  if (start.fields) return ask(base, String(value), schema.fields[start.fields] ?? [], schema);
  const other = kept && before[start.into] !== value;
  return { ...base, [start.into]: value, ...(other && Array.isArray(base.where) ? { where: [] } : {}) };
}

interface Props {
  context: Context;
  raw: Raw;
  label: React.ReactNode;
  css: string;
  chosen?: Json | undefined;
  open?: boolean;
  onChoose: (raw: Raw) => void;
}

export function Subject({ context, raw, label, css, chosen, open, onChoose }: Props) {
  const { schema, attributesOnly } = context;
  return (
    <Popover css={css} name={t("What the row is about")} label={label} disabled={context.disabled} {...(open ? { open } : {})}>
      {(close) => {
        const all = offers(schema, attributesOnly);
        const current = all.find((one) => one.start.raw.type === raw.type && one.value === (chosen ?? null))?.option.key;
        const take = (option: Option) => {
          const offer = all.find((one) => one.option.key === option.key) ?? typedOffers(schema, attributesOnly, option.label).find((one) => one.option.key === option.key);
          close();
          if (offer) onChoose(begun(offer, raw, schema));
        };
        return (
          <Choose fold options={all.map((one) => one.option)} {...(current ? { chosen: current } : {})} search={attributesOnly ? t("Find a property") : t("Find an event, a property, a segment …")}
            typed={(text) => typedOffers(schema, attributesOnly, text).map((one) => one.option)} onChoose={take} />
        );
      }}
    </Popover>
  );
}
