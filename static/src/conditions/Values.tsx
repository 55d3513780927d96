// The tokens that hold values: text and numbers with what is frequent in the data, days, periods, how many times.
import { useState } from "react";
import { Choose, type Option } from "./Choose";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import type { Field, Schema } from "./schema";
import { isPeriod, type Period, type Scalar, type Value } from "./tree";
import { t } from "./words";

interface Props {
  argument: string;
  value: Value;
  field: Field | undefined;
  schema: Schema;
  disabled: boolean;
  onChange: (value: Value) => void;
}

export function ValueTokens({ argument, value, field, schema, disabled, onChange }: Props) {
  if (argument === "none") return null;
  if (argument === "period") return <PeriodToken period={isPeriod(value) ? value : null} schema={schema} disabled={disabled} onChange={onChange} />;
  if (argument === "moment")
    return (
      <Popover css={token(value)} name={t("Day")} label={value === null ? t("choose a day") : String(value)} disabled={disabled}>
        {(close) => <Typed type="date" label={t("Day")} value={String(value ?? "").slice(0, 10)} onDone={(text) => { onChange(text || null); close(); }} />}
      </Popover>
    );
  if (argument === "scalars") return <Several values={Array.isArray(value) ? value : []} field={field} disabled={disabled} onChange={onChange} />;
  const single = Array.isArray(value) || isPeriod(value) ? null : value;
  return <OneValue argument={argument} value={single} field={field} disabled={disabled} onChange={onChange} />;
}

const token = (value: Value): string => `ce-token${value === null || value === "" ? " ce-missing" : ""}`;

function OneValue({ argument, value, field, disabled, onChange }: { argument: string; value: Scalar | null; field: Field | undefined; disabled: boolean; onChange: (value: Scalar | null) => void }) {
  const numeric = argument === "number" || (argument === "scalar" && field?.type === "number");
  const list = argument === "number" ? [] : suggestions(field, []);
  return (
    <Popover css={token(value)} name={t("Value")} label={value === null || value === "" ? t("choose a value") : String(value)} disabled={disabled}>
      {(close) =>
        list.length === 0 ? (
          <Typed type={numeric ? "number" : "text"} label={t("Value")} value={String(value ?? "")}
            onDone={(text) => { onChange(text === "" ? null : numeric ? Number(text) : text); close(); }} />
        ) : (
          <Choose options={list} chosen={String(value)} search={t("Find or type a value")} typed={(text) => [{ key: text, label: text, icon: "plus" }]}
            onChoose={(option) => { onChange(scalar(option.key, numeric)); close(); }} />
        )}
    </Popover>
  );
}

function Several({ values, field, disabled, onChange }: { values: Scalar[]; field: Field | undefined; disabled: boolean; onChange: (value: Scalar[]) => void }) {
  const numeric = field?.type === "number";
  return (
    <>
      {values.map((one, index) => (
        <span className="ce-token ce-removable" key={String(one)}>
          {String(one)}
          {!disabled && <button type="button" aria-label={t("Remove {value}", { value: String(one) })} onClick={() => onChange(values.filter((_, other) => other !== index))}><Icon name="x" /></button>}
        </span>
      ))}
      {!disabled && (
        <Popover css={values.length ? "ce-add" : "ce-token ce-missing"} name={t("Add a value")} label={values.length ? <Icon name="plus" /> : t("choose values")}>
          {(close) => (
            <Choose options={suggestions(field, values)} search={t("Find or type a value")} typed={(text) => [{ key: text, label: text, icon: "plus" }]}
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
  return (field?.values ?? []).filter((one) => !used.has(String(one.value))).map((one) => ({ key: String(one.value), label: String(one.value), count: one.count }));
}

/** One input with a button; Enter takes it. */
export function Typed({ type, label, value, onDone }: { type: string; label: string; value: string; onDone: (text: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <div className="ce-typed">
      <input data-first className="form-control form-control-sm" type={type} step="any" value={text} aria-label={label} placeholder={label}
        onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === "Enter" && onDone(text)} />
      <button type="button" className="btn btn-sm btn-primary" onClick={() => onDone(text)}>{t("OK")}</button>
    </div>
  );
}

export function periodLabel(period: Period, schema: Schema): string {
  const unit = schema.units.find((one) => one.name === period.unit)?.label ?? period.unit;
  return `${period.amount} ${period.amount === 1 ? unit.replace(/s$/, "") : unit}`;
}

export function PeriodForm({ period, schema, onDone }: { period: Period; schema: Schema; onDone: (period: Period) => void }) {
  const [amount, setAmount] = useState(String(period.amount));
  const [unit, setUnit] = useState(period.unit);
  const take = () => {
    const whole = Math.trunc(Number(amount));
    if (whole >= 1 && whole <= 10_000) onDone({ amount: whole, unit });
  };
  return (
    <div className="ce-typed">
      <input data-first className="form-control form-control-sm ce-number" type="number" min={1} max={10_000} value={amount} aria-label={t("How long")}
        onChange={(event) => setAmount(event.target.value)} onKeyDown={(event) => event.key === "Enter" && take()} />
      <select className="form-select form-select-sm" value={unit} aria-label={t("Unit")} onChange={(event) => setUnit(event.target.value)}>
        {schema.units.map((one) => <option key={one.name} value={one.name}>{one.label}</option>)}
      </select>
      <button type="button" className="btn btn-sm btn-primary" onClick={take}>{t("OK")}</button>
    </div>
  );
}

function PeriodToken({ period, schema, disabled, onChange }: { period: Period | null; schema: Schema; disabled: boolean; onChange: (period: Period) => void }) {
  return (
    <Popover css={token(period)} name={t("How long")} label={period ? periodLabel(period, schema) : t("how long")} disabled={disabled}>
      {(close) => <PeriodForm period={period ?? { amount: 30, unit: "days" }} schema={schema} onDone={(next) => { onChange(next); close(); }} />}
    </Popover>
  );
}
