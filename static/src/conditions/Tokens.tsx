// A sentence of tokens, drawn from the server's description; each token is a small menu.
import type { ReactNode } from "react";
import { Choose, type Option } from "./Choose";
import { Icon } from "./icons";
import { get, isRaw, type Json, type Raw, same, set } from "./json";
import { Popover } from "./Popover";
import { type Context, useFields } from "./schema";
import { ask, choose, type Field, type FieldsFrom, fitting, fitValue, isChosen, questionProblem, shown, type Token, withValue } from "./sentence";
import { describeField, Subject } from "./Subject";
import { PeriodToken, Typed, ValueTokens } from "./Values";
import { WindowToken } from "./Window";
import { grouped, spoken, t } from "./words";

interface Props {
  tokens: Token[];
  raw: Raw;
  context: Context;
  lead?: ReactNode;
  trail?: ReactNode;
  onChange: (raw: Raw) => void;
}

/** One line of tokens, and below it the lines of properties and steps. */
export function Sentence({ tokens, raw, context, lead, trail, onChange }: Props) {
  const visible = tokens.filter((token) => shown(token, raw));
  const below = visible.filter((token) => token.as === "where" || token.as === "lines");
  return (
    <>
      <div className="ce-line">
        {lead}
        {visible.map((token, index) => <OneToken key={`${token.as}${index}`} token={token} raw={raw} context={context} onChange={onChange} />)}
        {below.map((token, index) => token.as === "where" && listAt(raw, token.at).length === 0 && (
          <span className="ce-first" key={index}><AddProperty from={token.fields} raw={raw} at={token.at} context={context} onChange={onChange} /></span>
        ))}
        {trail}
      </div>
      {below.map((token, index) => token.as === "where"
        ? <Where key={index} at={token.at} from={token.fields} raw={raw} context={context} onChange={onChange} />
        : token.as === "lines" && <Lines key={index} token={token} raw={raw} context={context} onChange={onChange} />)}
    </>
  );
}

const listAt = (raw: Raw, path: string): Raw[] => {
  const found = get(raw, path);
  return Array.isArray(found) ? found.filter(isRaw) : [];
};

interface One<T extends Token> {
  token: T;
  raw: Raw;
  context: Context;
  onChange: (raw: Raw) => void;
}

function OneToken({ token, raw, context, onChange }: One<Token>) {
  const put = (path: string) => (value: Json) => onChange(set(raw, path, value));
  switch (token.as) {
    case "subject": {
      const value = token.at ? get(raw, token.at) : undefined;
      const label = <><Icon name={token.icon} />{token.text ?? (value ? spoken(String(value)) : t("choose"))}</>;
      return <Subject context={context} raw={raw} chosen={value} css={`ce-token ce-${token.tone}`} label={label} onChoose={onChange} />;
    }
    case "word":
      return <span className="ce-word">{token.text}</span>;
    case "choice":
      return <ChoiceToken token={token} raw={raw} context={context} onChange={onChange} />;
    case "number":
      return <NumberToken token={token} raw={raw} context={context} onChange={onChange} />;
    case "text": {
      const value = get(raw, token.at);
      return (
        <Popover css={value ? "ce-token" : "ce-token ce-missing"} name={token.name} label={String(value || t("choose"))} disabled={context.disabled}>
          {(close) => <Typed type="text" label={token.name} value={String(value ?? "")} onDone={(text) => { put(token.at)(text); close(); }} />}
        </Popover>
      );
    }
    case "pick":
      return <PickToken token={token} raw={raw} context={context} onChange={onChange} />;
    case "field":
      return <FieldPick token={token} raw={raw} context={context} onChange={onChange} />;
    case "question":
      return <Question raw={raw} from={token.fields} source={raw} context={context} onChange={onChange} />;
    case "window":
      return <WindowToken name={token.name} value={get(raw, token.at)} schema={context.schema} disabled={context.disabled} onChange={put(token.at)} />;
    case "period":
      return <PeriodToken name={token.name} period={get(raw, token.at)} units={context.schema.units} none={token.none} label={token.label} disabled={context.disabled} onChange={put(token.at)} />;
    default:
      return null;
  }
}

function ChoiceToken({ token, raw, context, onChange }: One<Token & { as: "choice" }>) {
  const at = token.options.findIndex((option) => isChosen(option, raw));
  const options: Option[] = token.options.flatMap((option, index) => (option.hidden && index !== at ? [] : [{ key: String(index), label: option.label }]));
  return (
    <Popover css={`ce-token${at < 0 ? " ce-missing" : ""}`} name={token.name} label={token.options[at]?.label ?? t("choose")} disabled={context.disabled}>
      {(close) => <Choose options={options} chosen={String(at)} search={t("Find")} onChoose={({ key }) => { onChange(choose(token.options[Number(key)]!, raw)); close(); }} />}
    </Popover>
  );
}

function NumberToken({ token, raw, context, onChange }: One<Token & { as: "number" }>) {
  const value = get(raw, token.at);
  const label = typeof value === "number" ? (value === 1 ? token.one : token.many).replace("{n}", grouped(value)) : t("how many");
  const take = (text: string) => {
    const n = token.whole ? Math.trunc(Number(text)) : Number(text);
    if (text !== "" && Number.isFinite(n) && n >= token.min && n <= token.max) onChange(set(raw, token.at, n));
  };
  return (
    <Popover css={`ce-token${typeof value === "number" ? "" : " ce-missing"}`} name={token.name} label={label} disabled={context.disabled}>
      {(close) => <Typed type="number" label={token.name} value={String(value ?? "")} onDone={(text) => { take(text); close(); }} />}
    </Popover>
  );
}

function PickToken({ token, raw, context, onChange }: One<Token & { as: "pick" }>) {
  const choices = context.schema.sources[token.source] ?? [];
  const value = get(raw, token.at);
  const empty = value == null || value === "";
  const found = choices.find((one) => same(one.value, value));
  const lost = empty ? token.none === undefined : !found && !token.typed;
  const label = found?.label ?? (empty ? (token.none ?? t("choose")) : token.typed ? String(value) : t("something that no longer exists"));
  const options: Option[] = [
    ...(token.none === undefined ? [] : [{ key: "", label: token.none }]),
    ...choices.map((one) => ({ key: String(one.value), label: one.label, count: one.count, detail: one.detail })),
  ];
  const take = (key: string): Json => (key === "" ? (token.empty ?? null) : (choices.find((one) => String(one.value) === key)?.value ?? key));
  return (
    <Popover css={`ce-token${lost ? " ce-missing" : ""}${token.icon ? " ce-event" : ""}`} name={token.name} label={<>{token.icon && <Icon name={token.icon} />}{label}</>} disabled={context.disabled}>
      {(close) => (
        <Choose options={options} chosen={empty ? "" : String(value)} search={t("Find")} typed={token.typed ? (text) => [{ key: text, label: text, icon: "plus" }] : undefined}
          onChoose={({ key }) => { onChange(set(raw, token.at, take(key))); close(); }} />
      )}
    </Popover>
  );
}

function FieldPick({ token, raw, context, onChange }: One<Token & { as: "field" }>) {
  const fields = useFields(token.fields, raw, context);
  const value = String(get(raw, token.at) ?? "");
  return <FieldToken fields={fields} context={context} css={`ce-token ce-blue${value ? "" : " ce-missing"}`} name={token.name} chosen={value} label={value ? spoken(value) : t("choose")} onChoose={(field) => onChange(set(raw, token.at, field))} />;
}

function FieldToken({ fields, context, css, name, chosen, label, onChoose }: { fields: Field[]; context: Context; css: string; name: string; chosen: string; label: ReactNode; onChoose: (field: string) => void }) {
  const options: Option[] = fields.map((one) => ({ key: one.name, label: spoken(one.name), count: one.count, detail: describeField(one) }));
  return (
    <Popover css={css} name={name} label={label} disabled={context.disabled}>
      {(close) => <Choose options={options} chosen={chosen} search={t("Find or type a property")} typed={(text) => [{ key: text, label: text, icon: "plus" }]} onChoose={({ key }) => { close(); onChoose(key); }} />}
    </Popover>
  );
}

/** The comparison and the value. `source` is the row whose event the properties belong to. */
function Question({ raw, from, source, context, onChange }: { raw: Raw; from: FieldsFrom; source: Raw; context: Context; onChange: (raw: Raw) => void }) {
  const { schema, disabled } = context;
  const field = useFields(from, source, context).find((one) => one.name === raw.field);
  const operator = schema.operators.find((one) => one.name === raw.op);
  const fit = fitting(schema, field?.type);
  const options: Option[] = [
    ...fit.map((one) => ({ key: one.name, label: one.label })),
    ...schema.operators.filter((one) => !fit.includes(one)).map((one) => ({ key: one.name, label: one.label, group: t("For other types") })),
  ];
  const change = ({ key }: Option) => onChange(withValue({ ...raw, op: key }, fitValue(raw.value, schema.operators.find((one) => one.name === key)!.argument)));
  return (
    <>
      <Popover css={`ce-token${operator ? "" : " ce-missing"}`} name={t("Comparison")} label={operator?.label ?? t("choose")} disabled={disabled || !raw.field}>
        {(close) => <Choose options={options} chosen={String(raw.op)} search={t("Find a comparison")} onChoose={(option) => { change(option); close(); }} />}
      </Popover>
      {operator && <ValueTokens argument={operator.argument} value={raw.value} field={field} schema={schema} disabled={disabled} onChange={(value) => onChange(withValue(raw, value))} />}
    </>
  );
}

interface WhereProps {
  at: string;
  from: FieldsFrom;
  raw: Raw;
  context: Context;
  onChange: (raw: Raw) => void;
}

/** Property filters, one per line; all must hold. */
export function Where({ at, from, raw, context, onChange }: WhereProps) {
  const fields = useFields(from, raw, context);
  const questions = listAt(raw, at);
  const put = (next: Raw[]) => onChange(set(raw, at, next));
  return questions.map((one, index) => (
    <div className={`ce-line ce-where${questionProblem(one, context.schema) ? " ce-unfinished" : ""}`} key={index}>
      <span className="ce-word">{index ? t("and") : t("where")}</span>
      <FieldToken fields={fields} context={context} css="ce-token ce-blue" name={t("Property")} chosen={String(one.field ?? "")} label={one.field ? spoken(String(one.field)) : t("choose")}
        onChoose={(field) => put(questions.map((other) => (other === one ? ask(other, field, fields, context.schema) : other)))} />
      <Question raw={one} from={from} source={raw} context={context} onChange={(next) => put(questions.map((other) => (other === one ? next : other)))} />
      {!context.disabled && <button type="button" className="ce-quiet" aria-label={t("Remove this property")} onClick={() => put(questions.filter((other) => other !== one))}><Icon name="x" /></button>}
      {index === questions.length - 1 && <AddProperty from={from} raw={raw} at={at} context={context} onChange={onChange} />}
    </div>
  ));
}

export function AddProperty({ from, raw, at, context, onChange }: WhereProps) {
  const fields = useFields(from, raw, context);
  if (context.disabled) return null;
  const add = (field: string) => onChange(set(raw, at, [...listAt(raw, at), ask({}, field, fields, context.schema)]));
  return <FieldToken fields={fields} context={context} css="ce-link" name={t("Add")} chosen="" label={<><Icon name="plus" />{t("property")}</>} onChoose={add} />;
}

/** Parts in an order, such as the steps of a sequence: each a sentence of its own. */
function Lines({ token, raw, context, onChange }: One<Token & { as: "lines" }>) {
  const lines = listAt(raw, token.at);
  const put = (next: Raw[]) => onChange(set(raw, token.at, next));
  const removable = !context.disabled && lines.length > token.least;
  return (
    <div className="ce-lines">
      {lines.map((one, index) => (
        <div className="ce-step" key={index}>
          <Sentence tokens={index ? token.next : token.first} raw={one} context={context} onChange={(next) => put(lines.map((other) => (other === one ? next : other)))}
            trail={removable && index > 0 && <button type="button" className="ce-quiet" aria-label={t("Remove this step")} onClick={() => put(lines.filter((other) => other !== one))}><Icon name="x" /></button>} />
        </div>
      ))}
      {!context.disabled && <button type="button" className="ce-link" onClick={() => put([...lines, structuredClone(token.fresh)])}><Icon name="plus" />{token.add}</button>}
    </div>
  );
}
