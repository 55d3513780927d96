// A group as a box of rows and groups, and one row in it.
import type { MouseEvent, ReactNode } from "react";
import { Choose, type Option } from "./Choose";
import { type Choice, clicked } from "./Chosen";
import { toClipboard } from "./clipboard";
import { actions } from "./commands";
import type { Drag } from "./drag";
import { Icon } from "./icons";
import { Popover } from "./Popover";
import type { Context, Counts } from "./schema";
import { rowProblem, type Schema, sentence } from "./sentence";
import { Subject } from "./Subject";
import { Sentence } from "./Tokens";
import * as tree from "./tree";
import { Typed } from "./Values";
import { grouped, people, t } from "./words";

export interface Edit {
  context: Context;
  counts: Counts;
  paths: Record<string, string>;
  drag: Drag;
  choice: Choice;
  fresh: string | null;
  /** `opens`: the row whose menu is open at once. */
  apply: (by: (root: tree.Group) => tree.Group, said?: string, opens?: string | null) => void;
}

const TYPES = (): Option[] => [
  { key: "all", label: t("all of these") }, { key: "any", label: t("any of these") }, { key: "none", label: t("none of these") }, { key: "at_least", label: t("at least some of these") },
];
const typeLabel = (group: tree.Group): string => (group.type === "at_least" ? t("at least") : TYPES().find((one) => one.key === group.type)!.label);
const joint = (type: tree.GroupType): string => ({ all: t("and"), any: t("or"), none: t("nor"), at_least: t("or") })[type];

function placeCss(id: string, { drag, choice }: Edit): string {
  return `${choice.ids.has(id) ? " ce-picked" : ""}${drag.spot?.id === id && drag.spot.side !== "end" ? ` ce-drop-${drag.spot.side}` : ""}${drag.dragged === id ? " ce-dragged" : ""}`;
}

export function GroupBox({ group, edit, tools, outermost = false }: { group: tree.Group; edit: Edit; tools?: ReactNode; outermost?: boolean }) {
  const { disabled } = edit.context;
  const add = (node: tree.Node, opens: string) => edit.apply((root) => tree.insert(root, group.id, group.of.length, node), "", opens);
  const addGroup = () => {
    const inside = tree.row();
    add(tree.group(group.type === "all" ? "any" : "all", [inside]), inside.id);
  };
  const addRow = () => {
    const node = tree.row();
    add(node, node.id);
  };
  const shell = outermost ? { className: "ce-root" } : { className: `ce-group${group.off ? " ce-off" : ""}${placeCss(group.id, edit)}`, "data-node": group.id, "data-group": "", onClick: (event: MouseEvent<HTMLElement>) => clicked(event, group.id, edit.choice) };
  return (
    <div {...shell} role="group" aria-label={typeLabel(group)}>
      <GroupHead group={group} edit={edit} tools={tools} outermost={outermost} />
      {group.of.map((node, index) => (
        <div key={node.id}>
          {index > 0 && <div className="ce-joint">{joint(group.type)}</div>}
          {tree.isGroup(node) ? <GroupBox group={node} edit={edit} /> : <RowLine node={node} edit={edit} nested={!outermost} />}
        </div>
      ))}
      {group.of.length === 0 && <p className="ce-none">{outermost ? t("Add what people did, or what is known about them.") : t("An empty group matches nobody.")}</p>}
      {!disabled && (
        <div className={`ce-line ce-adders${edit.drag.spot?.side === "end" && edit.drag.spot.id === group.id ? " ce-drop-onto" : ""}`} data-end={group.id}>
          <button type="button" className="ce-link" onClick={addRow}><Icon name="plus" />{t("Condition")}</button>
          <button type="button" className="ce-link" onClick={addGroup}><Icon name="brackets" />{t("Group")}</button>
        </div>
      )}
    </div>
  );
}

function GroupHead({ group, edit, tools, outermost }: { group: tree.Group; edit: Edit; tools: ReactNode; outermost: boolean }) {
  const { disabled } = edit.context;
  const set = (next: tree.Group) => edit.apply((root) => tree.change(root, group.id, next));
  const count = edit.counts.rows[edit.paths[group.id] ?? ""];
  const take = (text: string) => {
    const n = Math.trunc(Number(text));
    if (n >= 1 && n <= 200) set({ ...group, n });
  };
  return (
    <div className="ce-line ce-group-head">
      {!outermost && <Handle node={group} edit={edit} />}
      {outermost && <span className="ce-lead">{t("People who match")}</span>}
      <Popover css="ce-select" name={t("How the rows go together")} label={<>{typeLabel(group)}<Icon name="down" /></>} disabled={disabled}>
        {(close) => <Choose options={TYPES()} chosen={group.type} onChoose={({ key }) => { set({ ...group, type: key as tree.GroupType }); close(); }} />}
      </Popover>
      {group.type === "at_least" && (
        <>
          <Popover css={`ce-token${group.n > group.of.length ? " ce-missing" : ""}`} name={t("How many of them")} label={grouped(group.n)} disabled={disabled}>
            {(close) => <Typed type="number" label={t("How many of them")} value={String(group.n)} onDone={(text) => { take(text); close(); }} />}
          </Popover>
          <span className="ce-word">{t("of these {n}", { n: group.of.length })}</span>
        </>
      )}
      {group.off && <span className="ce-word">{t("switched off")}</span>}
      <span className="ce-grow" />
      {!outermost && !group.off && count !== undefined && <span className="ce-people">{grouped(count)}</span>}
      {tools}
      {!outermost && <RowMenu node={group} edit={edit} />}
    </div>
  );
}

function Handle({ node, edit }: { node: tree.Node; edit: Edit }) {
  if (edit.context.disabled) return null;
  const name = tree.isGroup(node) ? t("Group: drag to move, click to choose") : t("Row: drag to move, click to choose");
  return <button type="button" className="ce-handle" aria-label={name} aria-pressed={edit.choice.ids.has(node.id)} {...edit.drag.handle(node.id)}><Icon name="grip" /></button>;
}

/** Whether it is about something that people do and that has not come in so far: a name may be typed before it is known. */
function isUnseen({ event }: tree.Row["raw"], { sources: { events } }: Schema): boolean {
  return typeof event === "string" && event !== "" && events !== undefined && !events.some((one) => one.value === event);
}

function RowLine({ node, edit, nested }: { node: tree.Row; edit: Edit; nested: boolean }) {
  const { context, counts } = edit;
  const path = edit.paths[node.id] ?? "";
  const known = context.schema.kinds.length > 0;
  const problem = known && !node.off ? (rowProblem(node.raw, context.schema) ?? counts.problems[path] ?? null) : null;
  const count = problem || node.off ? undefined : counts.rows[path];
  const kind = sentence(context.schema, node.raw);
  const set = (raw: tree.Row["raw"]) => edit.apply((root) => tree.change(root, node.id, { ...node, raw }));
  const empty = node.raw.type === undefined;
  const unseen = known && !problem && !node.off && isUnseen(node.raw, context.schema);
  return (
    <div className={`ce-row${problem ? " ce-unfinished" : ""}${node.off ? " ce-off" : ""}${placeCss(node.id, edit)}`} data-node={node.id} onClick={(event) => clicked(event, node.id, edit.choice)}>
      <Handle node={node} edit={edit} />
      <div className="ce-sentence">
        {kind && <Sentence tokens={kind.tokens} raw={node.raw} context={context} onChange={set} />}
        {empty && <Subject context={context} raw={node.raw} css="ce-token ce-missing" open={edit.fresh === node.id} label={<><Icon name="question" />{t("Choose what it is about")}</>} onChoose={set} />}
        {!kind && !empty && <span className={`ce-token${known ? " ce-missing" : ""}`}>{known ? String(node.raw.type) : "…"}</span>}
        {problem && <div className="ce-note"><Icon name="warning" />{t("Not finished, so it matches nobody.")} {problem}</div>}
        {unseen && <div className="ce-note ce-note-off">{t("Nobody has done this yet. It counts from the first time on.")}</div>}
        {node.off && <div className="ce-note ce-note-off">{t("Switched off: not asked.")}</div>}
      </div>
      <span className="ce-people">{count === undefined ? "" : nested ? grouped(count) : people(count)}</span>
      <RowMenu node={node} edit={edit} />
    </div>
  );
}

function RowMenu({ node, edit }: { node: tree.Node; edit: Edit }) {
  if (edit.context.disabled) return null;
  const isGroup = tree.isGroup(node);
  const found = actions(node, edit.context.schema);
  const copy: Option = { key: "copy", label: t("Copy as text"), detail: "Ctrl C" };
  const options: Option[] = found.map((one) => ({ key: one.command, label: one.label, detail: one.keys }));
  options.splice(3, 0, copy);
  const choose = (key: string) => {
    const action = found.find((one) => one.command === key);
    if (action) edit.apply((root) => action.do(root, node.id), action.said);
    else toClipboard(tree.copied(node));
  };
  return (
    <Popover css="ce-quiet ce-menu" name={isGroup ? t("What to do with this group") : t("What to do with this row")} text={false} label={<Icon name="dots" />}>
      {(close) => <div className="ce-actions"><Choose options={options} onChoose={({ key }) => { close(); choose(key); }} /></div>}
    </Popover>
  );
}
