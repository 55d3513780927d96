// One row: tokens that read as a sentence.
import { Choose, type Option } from "./Choose";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import { fitting, type Field, type Schema, takes, useProperties } from "./schema";
import {
  type AttributeRow, emptyQuestion, type EventRow, eventRow, fitValue, newId, type Node, type Period, type Question,
  questionDone, type SegmentRow,
} from "./tree";
import { periodLabel, PeriodForm, Typed, ValueTokens } from "./Values";
import { grouped, spoken, t } from "./words";

export interface Context {
  schema: Schema;
  schemaUrl: string;
  attributesOnly: boolean;
  disabled: boolean;
}

/** Everything a condition can be about. */
export function Subject({ context, label, css, open, chosen, onChoose }: { context: Context; label: React.ReactNode; css: string; open?: boolean; chosen?: string; onChoose: (node: Node) => void }) {
  const { schema, attributesOnly } = context;
  const events: Option[] = schema.events.map((one) => ({ key: `event:${one.name}`, label: one.name, icon: "event", group: t("Did something"), count: one.count }));
  const attributes: Option[] = schema.attributes.map((one) => ({ key: `attribute:${one.name}`, label: spoken(one.name), icon: "attribute", group: t("About the person"), count: one.count }));
  const segments: Option[] = schema.segments.length ? [{ key: "segment:", label: t("In a segment"), icon: "segment", group: t("Other segments") }] : [];
  const typed = (text: string): Option[] => [
    ...(attributesOnly ? [] : [{ key: `event:${text}`, label: text, icon: "event" as const, group: t("Not seen yet"), detail: t("something people do") }]),
    { key: `attribute:${text}`, label: text, icon: "attribute", group: t("Not seen yet"), detail: t("something known about them") },
  ];
  return (
    <Popover css={css} name={t("What the row is about")} label={label} disabled={context.disabled} {...(open ? { open } : {})}>
      {(close) => (
        <Choose options={attributesOnly ? attributes : [...events, ...attributes, ...segments]} {...(chosen ? { chosen } : {})} search={t("Find an event or a property")} typed={typed}
          onChoose={(option) => { close(); onChoose(subject(option.key, schema)); }} />
      )}
    </Popover>
  );
}

export function subject(key: string, schema: Schema): Node {
  const [kind, name] = [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)];
  if (kind === "event") return { ...eventRow(name), within: { amount: 30, unit: "days" } };
  if (kind === "segment") return { id: newId(), type: "segment", segment: null, in: true };
  return { type: "attribute", ...ask({ ...emptyQuestion(), field: name }, schema.attributes, schema) };
}

/** A question about a field, with the first operator that fits its type. */
function ask(question: Question, fields: Field[], schema: Schema): Question {
  const type = fields.find((one) => one.name === question.field)?.type;
  const options = fitting(schema, type);
  const kept = options.find((one) => one.name === question.op);
  const op = kept ?? (type === "list" ? options.find((one) => one.name === "contains") : undefined) ?? options.find((one) => one.types.length > 0) ?? options[0];
  return op ? { ...question, op: op.name, value: fitValue(kept ? question.value : null, op.argument) } : question;
}

export function EventTokens({ row, context, onChange }: { row: EventRow; context: Context; onChange: (row: Node) => void }) {
  const { schema, disabled } = context;
  const fields = useProperties(context.schemaUrl, row.event);
  return (
    <>
      <Subject context={context} css="ce-token ce-event" chosen={`event:${row.event}`} label={<><Icon name="event" />{row.event || t("choose")}</>}
        onChoose={(node) => onChange(node.type === "event" ? { ...row, event: node.event, where: row.event === node.event ? row.where : [] } : { ...node, id: row.id })} />
      <CountTokens row={row} schema={schema} disabled={disabled} onChange={onChange} />
      <WithinToken row={row} schema={schema} disabled={disabled} onChange={onChange} />
      {row.where.length === 0 && (
        <span className="ce-first"><AddProperty fields={fields} questions={row.where} context={context} onChange={(where) => onChange({ ...row, where })} /></span>
      )}
    </>
  );
}

function CountTokens({ row, schema, disabled, onChange }: { row: EventRow; schema: Schema; disabled: boolean; onChange: (row: Node) => void }) {
  const never = !row.did && row.count.op === "at_least" && row.count.n === 1;
  const label = schema.counts.find((one) => one.name === row.count.op)?.label ?? row.count.op;
  const options: Option[] = [...schema.counts.map((one) => ({ key: one.name, label: one.label })), { key: "never", label: t("not at all") }];
  const times = row.count.n === 1 ? t("1 time") : t("{n} times", { n: grouped(row.count.n) });
  return (
    <>
      <Popover css="ce-token" name={t("How often")} disabled={disabled} label={never ? t("not at all") : row.did ? label : t("not {often}", { often: label })}>
        {(close) => (
          <Choose options={options} chosen={never ? "never" : row.count.op}
            onChoose={({ key }) => { onChange(key === "never" ? { ...row, did: false, count: { op: "at_least", n: 1 } } : { ...row, did: true, count: { ...row.count, op: key } }); close(); }} />
        )}
      </Popover>
      {!never && (
        <Popover css="ce-token" name={t("How many times")} label={times} disabled={disabled}>
          {(close) => <Typed type="number" label={t("How many times")} value={String(row.count.n)} onDone={(text) => {
            const n = Math.trunc(Number(text));
            if (text !== "" && n >= 0 && n <= 1_000_000) onChange({ ...row, count: { ...row.count, n } });
            close();
          }} />}
        </Popover>
      )}
    </>
  );
}

const PERIODS: Period[] = [1, 7, 14, 30, 90, 180, 365].map((amount) => ({ amount, unit: "days" }));

function WithinToken({ row, schema, disabled, onChange }: { row: EventRow; schema: Schema; disabled: boolean; onChange: (row: Node) => void }) {
  const inLast = (period: Period) => t("in the last {period}", { period: periodLabel(period, schema) });
  const options: Option[] = [{ key: "", label: t("at any time") }, ...PERIODS.map((one) => ({ key: String(one.amount), label: inLast(one) }))];
  const chosen = row.within === null ? "" : row.within.unit === "days" ? String(row.within.amount) : "other";
  return (
    <Popover css="ce-token" name={t("When")} label={row.within ? inLast(row.within) : t("at any time")} disabled={disabled}>
      {(close) => (
        <>
          <Choose options={options} chosen={chosen} onChoose={({ key }) => { onChange({ ...row, within: key ? { amount: Number(key), unit: "days" } : null }); close(); }} />
          <div className="ce-panel-foot"><PeriodForm period={row.within ?? { amount: 30, unit: "days" }} schema={schema} onDone={(within) => { onChange({ ...row, within }); close(); }} /></div>
        </>
      )}
    </Popover>
  );
}

export function WhereLines({ row, context, onChange }: { row: EventRow; context: Context; onChange: (row: Node) => void }) {
  const properties = useProperties(context.schemaUrl, row.event);
  const set = (where: Question[]) => onChange({ ...row, where });
  return <Questions questions={row.where} fields={properties} context={context} onChange={set} word={t("where")} />;
}

/** Property filters, one per line; all must hold. */
export function Questions({ questions, fields, context, word, onChange }: { questions: Question[]; fields: Field[]; context: Context; word: string; onChange: (questions: Question[]) => void }) {
  const adding = <AddProperty fields={fields} questions={questions} context={context} onChange={onChange} />;
  return (
    <>
      {questions.map((one, index) => (
        <div className={`ce-line ce-where${questionDone(one, takes(context.schema)) ? "" : " ce-unfinished"}`} key={one.id}>
          <span className="ce-word">{index ? t("and") : word}</span>
          <QuestionTokens question={one} fields={fields} context={context} css="ce-token ce-field"
            onChange={(question) => onChange(questions.map((other) => (other.id === one.id ? question : other)))} />
          {!context.disabled && <button type="button" className="ce-quiet" aria-label={t("Remove this property")} onClick={() => onChange(questions.filter((other) => other.id !== one.id))}><Icon name="x" /></button>}
          {index === questions.length - 1 && adding}
        </div>
      ))}
    </>
  );
}

export function AddProperty({ fields, questions, context, onChange }: { fields: Field[]; questions: Question[]; context: Context; onChange: (questions: Question[]) => void }) {
  if (context.disabled) return null;
  const label = <><Icon name="plus" />{t("property")}</>;
  return (
    <FieldToken fields={fields} context={context} css="ce-link" chosen="" label={label}
      onChoose={(field) => onChange([...questions, ask({ ...emptyQuestion(), field }, fields, context.schema)])} />
  );
}

export function AttributeTokens({ row, context, onChange }: { row: AttributeRow; context: Context; onChange: (row: Node) => void }) {
  const icon = row.field === "email" ? "mail" : "attribute";
  const label = <><Icon name={icon} />{row.field ? spoken(row.field) : t("choose")}</>;
  return (
    <>
      <Subject context={context} css="ce-token ce-attribute" chosen={`attribute:${row.field}`} label={label} onChoose={(node) => onChange({ ...node, id: row.id })} />
      <OpAndValue question={row} fields={context.schema.attributes} context={context} onChange={(question) => onChange({ ...row, ...question })} />
    </>
  );
}

function QuestionTokens({ question, fields, context, css, onChange }: { question: Question; fields: Field[]; context: Context; css: string; onChange: (question: Question) => void }) {
  return (
    <>
      <FieldToken fields={fields} context={context} css={css} chosen={question.field} label={question.field ? spoken(question.field) : t("choose")}
        onChoose={(field) => onChange(ask({ ...question, field }, fields, context.schema))} />
      <OpAndValue question={question} fields={fields} context={context} onChange={onChange} />
    </>
  );
}

function FieldToken({ fields, context, css, chosen, label, onChoose }: { fields: Field[]; context: Context; css: string; chosen: string; label: React.ReactNode; onChoose: (field: string) => void }) {
  const options: Option[] = fields.map((one) => ({ key: one.name, label: spoken(one.name), count: one.count, detail: example(one) }));
  return (
    <Popover css={css} name={t("Property")} label={label} disabled={context.disabled}>
      {(close) => <Choose options={options} chosen={chosen} search={t("Find or type a property")} typed={(text) => [{ key: text, label: text, icon: "plus" }]} onChoose={({ key }) => { close(); onChoose(key); }} />}
    </Popover>
  );
}

const example = (field: Field): string => field.values.slice(0, 2).map((one) => String(one.value)).join(", ");

function OpAndValue({ question, fields, context, onChange }: { question: Question; fields: Field[]; context: Context; onChange: (question: Question) => void }) {
  const { schema, disabled } = context;
  const field = fields.find((one) => one.name === question.field);
  const operator = schema.operators.find((one) => one.name === question.op);
  const fit = fitting(schema, field?.type);
  const others = schema.operators.filter((one) => !fit.includes(one));
  const options: Option[] = [
    ...fit.map((one) => ({ key: one.name, label: one.label })),
    ...others.map((one) => ({ key: one.name, label: one.label, group: t("For other types") })),
  ];
  return (
    <>
      <Popover css={`ce-token${operator ? "" : " ce-missing"}`} name={t("Comparison")} label={operator?.label ?? (question.op || t("choose"))} disabled={disabled || !question.field}>
        {(close) => <Choose options={options} chosen={question.op} search={t("Find a comparison")} onChoose={({ key }) => {
          const next = schema.operators.find((one) => one.name === key)!;
          onChange({ ...question, op: key, value: fitValue(question.value, next.argument) });
          close();
        }} />}
      </Popover>
      {operator && <ValueTokens argument={operator.argument} value={question.value} field={field} schema={schema} disabled={disabled} onChange={(value) => onChange({ ...question, value })} />}
    </>
  );
}

export function SegmentTokens({ row, context, onChange }: { row: SegmentRow; context: Context; onChange: (row: Node) => void }) {
  const { schema, disabled } = context;
  const segment = schema.segments.find((one) => one.id === row.segment);
  const options: Option[] = schema.segments.map((one) => ({ key: String(one.id), label: one.name, count: one.size }));
  const name = segment?.name ?? (row.segment === null ? t("choose a segment") : t("a segment that no longer exists"));
  return (
    <>
      <Subject context={context} css="ce-token ce-attribute" chosen="segment:" label={<><Icon name="segment" />{t("Segment")}</>} onChoose={(node) => onChange({ ...node, id: row.id })} />
      <Popover css="ce-token" name={t("In or not")} label={row.in ? t("in") : t("not in")} disabled={disabled}>
        {(close) => <Choose options={[{ key: "in", label: t("in") }, { key: "out", label: t("not in") }]} chosen={row.in ? "in" : "out"} onChoose={({ key }) => { onChange({ ...row, in: key === "in" }); close(); }} />}
      </Popover>
      <Popover css={`ce-token${segment ? "" : " ce-missing"}`} name={t("Segment")} label={name} disabled={disabled}>
        {(close) => <Choose options={options} chosen={String(row.segment)} search={t("Find a segment")} onChoose={({ key }) => { onChange({ ...row, segment: Number(key) }); close(); }} />}
      </Popover>
    </>
  );
}
