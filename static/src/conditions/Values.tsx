// The tokens that hold values: text and numbers with what is frequent in the data, days, periods, two bounds.
import { type ReactNode, useState } from "react";
import { Choose, type Option } from "./Choose";
import { Icon } from "./icons";
import { get, isRaw, type Json } from "./json";
import { Popover } from "./Popover";
import type { Field, Named, Scalar, Schema } from "./sentence";
import { grouped, t, valueWords } from "./words";
import { periodWords } from "./windows";

interface Props {
  argument: string;
  value: Json | undefined;
  field: Field | undefined;
  schema: Schema;
  disabled: boolean;
  onChange: (value: Json) => void;
}

export function ValueTokens({ argument, value, field, schema, disabled, onChange }: Props) {
  switch (argument) {
    case "none":
      return null;
    case "period":
    case "days_period": {
      const units = argument === "period" ? schema.units : schema.units.filter((one) => ["days", "weeks"].includes(one.name));
      return <PeriodToken name={t("How long")} period={value} units={units} disabled={disabled} onChange={onChange} />;
    }
    case "moment":
    case "day":
      return <DayToken value={value} disabled={disabled} onChange={onChange} />;
    case "numbers":
    case "days":
      return <BoundsToken type={argument === "days" ? "date" : "number"} value={value} disabled={disabled} onChange={onChange} />;
    case "scalars":
      return <Several values={Array.isArray(value) ? (value as Scalar[]) : []} field={field} disabled={disabled} onChange={onChange} />;
    default:
      return <OneValue argument={argument} value={value} field={field} disabled={disabled} onChange={onChange} />;
  }
}

const isEmpty = (value: Json | undefined): boolean => value == null || value === "" || (typeof value === "object" && !Array.isArray(value) && !isRaw(value));
export const tokenCss = (value: Json | undefined): string => `ce-token${isEmpty(value) ? " ce-missing" : ""}`;

function OneValue({ argument, value, field, disabled, onChange }: Omit<Props, "schema">) {
  const single = typeof value === "string" || typeof value === "number" ? value : null;
  const numeric = argument === "number" || (argument === "scalar" && field?.type === "number");
  const list = argument === "number" ? [] : suggestions(field, []);
  return (
    <Popover css={tokenCss(single)} name={t("Value")} label={single === null || single === "" ? t("choose a value") : valueWords(single)} disabled={disabled}>
      {(close) =>
        list.length === 0 ? (
          <Typed type={numeric ? "number" : "text"} label={t("Value")} value={String(single ?? "")} hint={range(field)}
            onDone={(text) => { onChange(text === "" ? null : numeric ? Number(text) : text); close(); }} />
        ) : (
          <Choose options={list} chosen={String(single)} search={t("Find or type a value")} typed={typeIt}
            onChoose={(option) => { onChange(scalar(option.key, numeric)); close(); }} />
        )}
    </Popover>
  );
}

const typeIt = (text: string): Option[] => [{ key: text, label: text, icon: "plus" }];

/** What values there are, as a hint beside an empty field: "between 5 and 240 in the data". */
function range(field: Field | undefined): string {
  const numbers = (field?.values ?? []).map((one) => one.value).filter((one) => typeof one === "number");
  if (numbers.length < 2) return "";
  return t("In the data, for example: {low} to {high}", { low: grouped(Math.min(...numbers)), high: grouped(Math.max(...numbers)) });
}

function Several({ values, field, disabled, onChange }: { values: Scalar[]; field: Field | undefined; disabled: boolean; onChange: (value: Json) => void }) {
  const numeric = field?.type === "number";
  return (
    <>
      {values.map((one, index) => (
        <span className="ce-token ce-removable" key={String(one)}>
          {valueWords(one)}
          {!disabled && <button type="button" aria-label={t("Remove {value}", { value: String(one) })} onClick={() => onChange(values.filter((_, other) => other !== index))}><Icon name="x" /></button>}
        </span>
      ))}
      {!disabled && (
        <Popover css={values.length ? "ce-add" : "ce-token ce-missing"} name={t("Add a value")} text={false} label={values.length ? <Icon name="plus" /> : <span aria-hidden="true">{t("choose values")}</span>}>
          {(close) => (
            <Choose options={suggestions(field, values)} search={t("Find or type a value")} typed={typeIt}
              onChoose={(option) => { onChange([...values.filter((one) => String(one) !== option.key), scalar(option.key, numeric)]); close(); }} />
          )}
        </Popover>
      )}
    </>
  );
}

const scalar = (text: string, numeric: boolean): Scalar => (numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

function suggestions(field: Field | undefined, without: Scalar[]): Option[] {
  const used = new Set(without.map(String));
  return (field?.values ?? []).filter((one) => !used.has(String(one.value))).map((one) => ({ key: String(one.value), label: valueWords(one.value), count: one.count }));
}

/** One input with a button; Enter takes it. */
export function Typed({ type, label, value, hint = "", suffix = "", onDone }: { type: string; label: string; value: string; hint?: string; suffix?: string; onDone: (text: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <Form onTake={() => onDone(text)} hint={hint}>
      <input data-first className="form-control form-control-sm" type={type} step="any" value={text} aria-label={label} placeholder={label} onChange={(event) => setText(event.target.value)} />
      {suffix && <span className="ce-word">{suffix}</span>}
    </Form>
  );
}

/** A small form in a panel: its button or Enter takes it. Not a form element, for it stands inside one. */
export function Form({ onTake, hint = "", children }: { onTake: () => void; hint?: string; children: ReactNode }) {
  return (
    <>
      <div className="ce-typed" onKeyDown={(event) => { if (event.key === "Enter" && (event.target as HTMLElement).tagName === "INPUT") onTake(); }}>
        {children}
        <button type="button" className="btn btn-sm btn-primary" onClick={onTake}>{t("OK")}</button>
      </div>
      {hint && <p className="ce-hint">{hint}</p>}
    </>
  );
}

function DayToken({ value, disabled, onChange }: { value: Json | undefined; disabled: boolean; onChange: (value: Json) => void }) {
  return (
    <Popover css={tokenCss(value)} name={t("Day")} label={value ? valueWords(value) : t("choose a day")} disabled={disabled}>
      {(close) => <Typed type="date" label={t("Day")} value={String(value ?? "").slice(0, 10)} onDone={(text) => { onChange(text || null); close(); }} />}
    </Popover>
  );
}

function BoundsToken({ type, value, disabled, onChange }: { type: "number" | "date"; value: Json | undefined; disabled: boolean; onChange: (value: Json) => void }) {
  const given = Array.isArray(value) && value.length === 2 ? value : null;
  const label = given ? t("{low} and {high}", { low: valueWords(given[0]), high: valueWords(given[1]) }) : t("choose from and to");
  return (
    <Popover css={tokenCss(given)} name={t("From and to")} label={label} disabled={disabled}>
      {(close) => <Bounds type={type} low={String(given?.[0] ?? "")} high={String(given?.[1] ?? "")} onDone={(low, high) => { onChange(type === "number" ? [Number(low), Number(high)] : [low, high]); close(); }} />}
    </Popover>
  );
}

/** Two inputs; the smaller comes first, whichever way they were typed. */
export function Bounds({ type, low, high, onDone }: { type: "number" | "date"; low: string; high: string; onDone: (low: string, high: string) => void }) {
  const [from, setFrom] = useState(low);
  const [to, setTo] = useState(high);
  const swapped = type === "number" ? Number(from) > Number(to) : from > to;
  const take = () => from && to && (swapped ? onDone(to, from) : onDone(from, to));
  return (
    <Form onTake={take}>
      <input data-first className="form-control form-control-sm" type={type} step="any" value={from} aria-label={t("From")} placeholder={t("From")} onChange={(event) => setFrom(event.target.value)} />
      <span className="ce-word">{t("to")}</span>
      <input className="form-control form-control-sm" type={type} step="any" value={to} aria-label={t("To")} placeholder={t("To")} onChange={(event) => setTo(event.target.value)} />
    </Form>
  );
}

/** An amount and a unit, without a button of its own. */
export function PeriodInputs({ period, units, first, label, onChange }: { period: Json | undefined; units: Named[]; first?: boolean; label: string; onChange: (period: Json) => void }) {
  const amount = get(period, "amount") ?? "";
  const unit = String(get(period, "unit") ?? "days");
  return (
    <>
      <input {...(first ? { "data-first": true } : {})} className="form-control form-control-sm ce-number" type="number" min={1} max={10_000} value={String(amount)} aria-label={label}
        onChange={(event) => onChange({ amount: event.target.value === "" ? "" : Math.trunc(Number(event.target.value)), unit })} />
      <select className="form-select form-select-sm" value={unit} aria-label={t("Unit")} onChange={(event) => onChange({ amount, unit: event.target.value })}>
        {units.map((one) => <option key={one.name} value={one.name}>{one.label}</option>)}
      </select>
    </>
  );
}

export const isLength = (period: Json | undefined): boolean => Number(get(period, "amount")) >= 1 && Number(get(period, "amount")) <= 10_000;

export function PeriodForm({ period, units, first, onDone }: { period: Json | undefined; units: Named[]; first?: boolean; onDone: (period: Json) => void }) {
  const [asked, setAsked] = useState<Json>(isRaw(period) ? period : { amount: 30, unit: "days" });
  return (
    <Form onTake={() => isLength(asked) && onDone(asked)}>
      <PeriodInputs period={asked} units={units} {...(first ? { first } : {})} label={t("How long")} onChange={setAsked} />
    </Form>
  );
}

export function PeriodToken({ name, period, units, disabled, none, label, onChange }: { name: string; period: Json | undefined; units: Named[]; disabled: boolean; none?: string | undefined; label?: string; onChange: (period: Json) => void }) {
  const css = none === undefined ? tokenCss(period) : "ce-token";
  const shown = isRaw(period) ? (label ?? "{period}").replace("{period}", periodWords(period)) : (none ?? t("how long"));
  return (
    <Popover css={css} name={name} label={shown} disabled={disabled}>
      {(close) => (
        <>
          {none !== undefined && isRaw(period) && <Choose options={[{ key: "", label: none }]} onChoose={() => { onChange(null); close(); }} />}
          <PeriodForm first={none === undefined || !isRaw(period)} period={period} units={units} onDone={(next) => { onChange(next); close(); }} />
        </>
      )}
    </Popover>
  );
}
