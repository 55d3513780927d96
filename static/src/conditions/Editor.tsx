// The editor: groups as boxes, rows as sentences; moved by dragging or by keys.
import { type DragEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Choose, type Option } from "./Choose";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import { AddProperty, AttributeTokens, type Context, EventTokens, Questions, SegmentTokens, Subject, WhereLines } from "./Rows";
import { takes, useCounts, useProperties, useSchema } from "./schema";
import * as tree from "./tree";
import { grouped, t } from "./words";

interface Props {
  value: string;
  schemaUrl: string;
  countUrl: string;
  attributesOnly: boolean;
  disabled: boolean;
  onChange: (json: string) => void;
}

interface Edit {
  context: Context;
  counts: Record<string, number>;
  paths: Record<string, string>;
  dragged: string | null;
  drag: (id: string | null) => void;
  apply: (by: (root: tree.Group) => tree.Group, said?: string) => void;
  fresh: string | null;
}

export function ConditionEditor({ value, schemaUrl, countUrl, attributesOnly, disabled, onChange }: Props) {
  const [root, setRoot] = useState(() => tree.read(value));
  const [dragged, drag] = useState<string | null>(null);
  const [said, say] = useState("");
  const [fresh, setFresh] = useState<string | null>(null);
  const schema = useSchema(schemaUrl);
  const json = tree.write(root);
  const counts = useCounts(countUrl, json);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) onChange(json);
    first.current = false;
  }, [json]);
  const edit: Edit = {
    context: { schema, schemaUrl, attributesOnly, disabled }, counts, paths: tree.paths(root), dragged, drag, fresh,
    apply: (by, words = "") => {
      const next = by(root);
      setRoot(next);
      say(words);
      const added = Object.keys(tree.paths(next)).filter((id) => !tree.find(root, id));
      setFresh(added.at(-1) ?? null);
    },
  };
  return (
    <div className="ce">
      <GroupBox group={root} edit={edit} outermost />
      <div className="visually-hidden" aria-live="polite">{said}</div>
    </div>
  );
}

const KINDS = (): Option[] => [
  { key: "all", label: t("all of these") }, { key: "any", label: t("any of these") }, { key: "none", label: t("none of these") },
];

function GroupBox({ group, edit, outermost = false }: { group: tree.Group; edit: Edit; outermost?: boolean }) {
  const { disabled } = edit.context;
  const kind = KINDS().find((one) => one.key === group.type)!;
  const add = (node: tree.Node) => edit.apply((root) => tree.insert(root, group.id, tree.find(root, group.id) || root.id === group.id ? group.of.length : 0, node));
  return (
    <div className={outermost ? "ce-root" : "ce-group"} role="group" aria-label={kind.label}>
      <div className="ce-line ce-group-head">
        {!outermost && <Handle node={group} edit={edit} />}
        {outermost && <span className="ce-lead">{t("People who match")}</span>}
        <Popover css="ce-select" name={t("How the rows go together")} label={<>{kind.label}<Icon name="down" /></>} disabled={disabled}>
          {(close) => <Choose options={KINDS()} chosen={group.type} onChoose={({ key }) => { edit.apply((root) => tree.change(root, group.id, { ...group, type: key as tree.Group["type"] })); close(); }} />}
        </Popover>
        <span className="ce-grow" />
        {!outermost && <RowMenu node={group} edit={edit} />}
      </div>
      {group.of.map((node, index) => (
        <div key={node.id}>
          {index > 0 && <div className="ce-joint">{group.type === "all" ? t("and") : t("or")}</div>}
          <Place node={node} parent={group} index={index} edit={edit} nested={!outermost} />
        </div>
      ))}
      {group.of.length === 0 && <p className="ce-none">{outermost ? t("Add what people did, or what is known about them.") : t("An empty group matches nobody.")}</p>}
      {!disabled && (
        <DropZone edit={edit} onDrop={(id) => edit.apply((root) => tree.move(root, id, group.id, group.of.length))}>
          <div className="ce-line ce-adders">
            <button type="button" className="ce-link" onClick={() => add(tree.emptyRow())}><Icon name="plus" />{t("Condition")}</button>
            <button type="button" className="ce-link" onClick={() => add(tree.group("any", [tree.emptyRow()]))}><Icon name="brackets" />{t("Group")}</button>
          </div>
        </DropZone>
      )}
    </div>
  );
}

/** A row or group in its place, which others can be dropped before or after. */
function Place({ node, parent, index, edit, nested }: { node: tree.Node; parent: tree.Group; index: number; edit: Edit; nested: boolean }) {
  return (
    <DropZone edit={edit} halves onDrop={(id, after) => edit.apply((root) => tree.move(root, id, parent.id, index + (after ? 1 : 0)), t("Moved."))}>
      {tree.isGroup(node) ? <GroupBox group={node} edit={edit} /> : <RowLine node={node} edit={edit} nested={nested} />}
    </DropZone>
  );
}

function DropZone({ edit, halves = false, onDrop, children }: { edit: Edit; halves?: boolean; onDrop: (id: string, after: boolean) => void; children: React.ReactNode }) {
  const [over, setOver] = useState<"" | "before" | "after">("");
  const side = (event: DragEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return halves && event.clientY > box.top + box.height / 2 ? "after" : "before";
  };
  return (
    <div className={over ? `ce-drop-${over}` : undefined} onDragLeave={() => setOver("")}
      onDragOver={(event) => {
        if (!edit.dragged) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(side(event));
      }}
      onDrop={(event) => {
        if (!edit.dragged) return;
        event.preventDefault();
        event.stopPropagation();
        setOver("");
        onDrop(edit.dragged, side(event) === "after");
        edit.drag(null);
      }}>
      {children}
    </div>
  );
}

function Handle({ node, edit }: { node: tree.Node; edit: Edit }) {
  if (edit.context.disabled) return null;
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key] as -1 | 1 | undefined;
    if (step) edit.apply((root) => tree.step(root, node.id, step), step === 1 ? t("Moved down.") : t("Moved up."));
    else if (event.key === "Delete" || event.key === "Backspace") edit.apply((root) => tree.remove(root, node.id), t("Removed."));
    else return;
    event.preventDefault();
    const host = event.currentTarget.closest("condition-editor");
    requestAnimationFrame(() => host?.querySelector<HTMLElement>(`[data-handle="${node.id}"]`)?.focus());
  };
  return (
    <button type="button" className="ce-handle" data-handle={node.id} draggable aria-label={t("Move: arrow keys, or drag. Delete removes.")} onKeyDown={keys}
      onDragStart={(event) => { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", node.id); edit.drag(node.id); }}
      onDragEnd={() => edit.drag(null)}>
      <Icon name="grip" />
    </button>
  );
}

function RowLine({ node, edit, nested }: { node: tree.Row; edit: Edit; nested: boolean }) {
  const { context } = edit;
  const known = context.schema.operators.length > 0;
  const finished = !known || tree.done(node, takes(context.schema));
  const count = edit.counts[edit.paths[node.id] ?? ""];
  const set = (next: tree.Node) => edit.apply((root) => tree.change(root, node.id, next));
  const people = (n: number) => (n === 1 ? t("1 person") : t("{n} people", { n: grouped(n) }));
  return (
    <div className={`ce-row${finished ? "" : " ce-unfinished"}${edit.dragged === node.id ? " ce-dragged" : ""}`}>
      <Handle node={node} edit={edit} />
      <div className="ce-sentence">
        <div className="ce-line">
          {node.type === "event" && <EventTokens row={node} context={context} onChange={set} />}
          {node.type === "attribute" && <AttributeTokens row={node} context={context} onChange={set} />}
          {node.type === "segment" && <SegmentTokens row={node} context={context} onChange={set} />}
          {node.type === "empty" && <Subject context={context} css="ce-token ce-missing" open={edit.fresh === node.id} label={<><Icon name="question" />{t("Choose what it is about")}</>} onChoose={(next) => set({ ...next, id: node.id })} />}
          {node.type === "unknown" && <span className="ce-token ce-missing">{t("This row cannot be understood. Remove it and build it again.")}</span>}
        </div>
        {node.type === "event" && <WhereLines row={node} context={context} onChange={set} />}
        {!finished && <div className="ce-note"><Icon name="warning" />{t("Not finished: matches nobody.")}</div>}
      </div>
      <span className="ce-people">{finished && count !== undefined ? (nested ? grouped(count) : people(count)) : ""}</span>
      <RowMenu node={node} edit={edit} />
    </div>
  );
}

function RowMenu({ node, edit }: { node: tree.Node; edit: Edit }) {
  if (edit.context.disabled) return null;
  const group = tree.isGroup(node);
  const actions: [Option, (root: tree.Group) => tree.Group][] = [
    [{ key: "up", label: t("Move up") }, (root) => tree.step(root, node.id, -1)],
    [{ key: "down", label: t("Move down") }, (root) => tree.step(root, node.id, 1)],
    [{ key: "negate", label: t("Turn into its opposite") }, (root) => tree.negate(root, node.id)],
    [{ key: "duplicate", label: t("Duplicate") }, (root) => tree.duplicate(root, node.id)],
    group
      ? [{ key: "unwrap", label: t("Take the rows out of the group") }, (root) => tree.unwrap(root, node.id)]
      : [{ key: "wrap", label: t("Put into a group") }, (root) => tree.wrap(root, node.id)],
    [{ key: "remove", label: t("Remove") }, (root) => tree.remove(root, node.id)],
  ];
  return (
    <Popover css="ce-quiet ce-menu" name={group ? t("What to do with this group") : t("What to do with this row")} label={<Icon name="dots" />}>
      {(close) => <Choose options={actions.map(([option]) => option)} onChoose={({ key }) => { close(); edit.apply(actions.find(([option]) => option.key === key)![1]); }} />}
    </Popover>
  );
}

/** The small sister: property filters of one event, all of which must hold. */
export function WhereEditor({ value, schemaUrl, event, disabled, onChange }: { value: string; schemaUrl: string; event: string; disabled: boolean; onChange: (json: string) => void }) {
  const [questions, setQuestions] = useState(() => tree.readWhere(value));
  const schema = useSchema(schemaUrl);
  const properties = useProperties(schemaUrl, event);
  const context: Context = { schema, schemaUrl, attributesOnly: false, disabled };
  const set = (next: tree.Question[]) => {
    setQuestions(next);
    onChange(tree.writeWhere(next));
  };
  return (
    <div className="ce ce-compact">
      <Questions questions={questions} fields={properties} context={context} word={t("where")} onChange={set} />
      {questions.length === 0 && <AddProperty fields={properties} questions={questions} context={context} onChange={set} />}
      {disabled && questions.length === 0 && <p className="ce-none">{t("Any.")}</p>}
    </div>
  );
}
