// The token that says when: usual lengths at once, every other shape with a small form.
import { useEffect, useRef, useState } from "react";
import { Choose, type Option } from "./Choose";
import { isRaw, type Json } from "./json";
import { Popover } from "./Popover";
import type { Choice, Named, Schema } from "./sentence";
import { Bounds, Form, isLength, PeriodForm, PeriodInputs, Typed } from "./Values";
import { fresh, type Shape, shapeLabel, shapeOf, SHAPES, windowProblem, windowWords } from "./windows";
import { t } from "./words";

const LENGTHS = [1, 7, 14, 30, 90, 180, 365];

export function WindowToken({ name, value, schema, disabled, onChange }: { name: string; value: Json | undefined; schema: Schema; disabled: boolean; onChange: (value: Json) => void }) {
  return (
    <Popover css={`ce-token${windowProblem(value) ? " ce-missing" : ""}`} name={name} label={windowWords(value)} disabled={disabled}>
      {(close) => <Menu value={value} schema={schema} onDone={(next) => { onChange(next); close(); }} />}
    </Popover>
  );
}

function Menu({ value, schema, onDone }: { value: Json | undefined; schema: Schema; onDone: (value: Json) => void }) {
  const [shape, setShape] = useState<Shape>(shapeOf(value));
  const place = useRef<HTMLDivElement>(null);
  const turned = useRef(false);
  useEffect(() => {
    if (turned.current) (place.current?.querySelector<HTMLElement>("[data-first]") ?? place.current?.querySelector<HTMLElement>("input"))?.focus();
    turned.current = true;
  }, [shape]);
  const usual: Option[] = LENGTHS.map((amount) => ({ key: `last:${amount}`, label: windowWords({ amount, unit: "days" }) }));
  const other: Option[] = SHAPES.filter((one) => one !== "ever").map((one) => ({ key: one, label: shapeLabel(one), group: t("Other times") }));
  const ever: Option = { key: "ever", label: shapeLabel("ever") };
  const now = isRaw(value) && value.unit === "days" ? `last:${String(value.amount)}` : shapeOf(value);
  const choose = ({ key }: Option) => {
    const [kind, amount] = key.split(":");
    if (amount) onDone({ amount: Number(amount), unit: "days" });
    else if (kind === "ever") onDone(null);
    else setShape(kind as Shape);
  };
  return (
    <>
      <Choose options={[ever, ...usual, ...other]} chosen={shapeOf(value) === "last" ? now : shapeOf(value)} onChoose={choose} />
      {shape !== "ever" && (
        <div className="ce-panel-foot" ref={place} key={shape}>
          <div className="ce-hint">{shapeLabel(shape)}</div>
          <ShapeForm shape={shape} value={shapeOf(value) === shape ? value : undefined} units={schema.units} events={schema.sources.events ?? []} onDone={onDone} />
        </div>
      )}
    </>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

function ShapeForm({ shape, value, units, events, onDone }: { shape: Shape; value: Json | undefined; units: Named[]; events: Choice[]; onDone: (value: Json) => void }) {
  const start = isRaw(value) ? value : (fresh(shape, today()) as Record<string, Json>);
  switch (shape) {
    case "last":
      return <PeriodForm period={start} units={units} onDone={onDone} />;
    case "ago":
      return <AgoForm start={start} units={units} onDone={onDone} />;
    case "dates":
      return <Bounds type="date" low={String(start.from).slice(0, 10)} high={String(start.to).slice(0, 10)} onDone={(from, to) => onDone({ from, to })} />;
    case "since":
      return <SinceForm start={start} events={events} onDone={onDone} />;
    default:
      return <Typed type="date" label={t("Day")} value={String(start[shape]).slice(0, 10)} onDone={(day) => day && onDone({ [shape]: day })} />;
  }
}

function AgoForm({ start, units, onDone }: { start: Record<string, Json>; units: Named[]; onDone: (value: Json) => void }) {
  const [from, setFrom] = useState<Json>(start.from ?? null);
  const [to, setTo] = useState<Json>(start.to ?? null);
  const problem = windowProblem({ from, to });
  return (
    <Form onTake={() => isLength(from) && isLength(to) && !problem && onDone({ from, to })} hint={problem ?? ""}>
      <PeriodInputs period={from} units={units} label={t("From how long ago")} onChange={setFrom} />
      <span className="ce-word">{t("to")}</span>
      <PeriodInputs period={to} units={units} label={t("To how long ago")} onChange={setTo} />
    </Form>
  );
}

function SinceForm({ start, events, onDone }: { start: Record<string, Json>; events: Choice[]; onDone: (value: Json) => void }) {
  const [pick, setPick] = useState(start.pick === "first" ? "first" : "last");
  const options = events.map((one) => ({ key: String(one.value), label: one.label, count: one.count }));
  return (
    <>
      <select className="form-select form-select-sm mb-2" value={pick} aria-label={t("Which time")} onChange={(event) => setPick(event.target.value)}>
        <option value="first">{t("after the first")}</option>
        <option value="last">{t("after the last")}</option>
      </select>
      <Choose options={options} chosen={String(start.since)} search={t("Find an event")} typed={(text) => [{ key: text, label: text, icon: "plus" }]} onChoose={({ key }) => onDone({ since: key, pick })} />
    </>
  );
}
