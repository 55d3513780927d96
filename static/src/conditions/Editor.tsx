// The editor: groups as boxes, rows as sentences; by clicking, by dragging, by keys alone.
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ChosenBar, choose, useChoice } from "./Chosen";
import { useClipboard } from "./clipboard";
import { actions, together } from "./commands";
import { type Spot, useDrag } from "./drag";
import { type Edit, GroupBox } from "./GroupBox";
import { begin, record, redo, undo } from "./history";
import { Icon } from "./icons";
import { command, neighbour, remember } from "./keys";
import type { Raw } from "./json";
import { type Context, useCounts, useSchema } from "./schema";
import { AddProperty, Where } from "./Tokens";
import { Tools } from "./Tools";
import * as tree from "./tree";
import { t } from "./words";

interface Props {
  value: string;
  schemaUrl: string;
  countUrl: string;
  attributesOnly: boolean;
  disabled: boolean;
  onChange: (json: string) => void;
}

function dropped(root: tree.Group, id: string, spot: Spot): tree.Group {
  const target = tree.find(root, spot.id);
  if (spot.side === "end") return tree.move(root, id, spot.id, spot.id === root.id ? root.of.length : (target?.node as tree.Group).of.length);
  if (!target) return root;
  return spot.side === "onto" ? tree.join(root, id, spot.id) : tree.move(root, id, target.parent.id, target.index + (spot.side === "after" ? 1 : 0));
}

/** Where what had the focus is gone after a change, it goes on to what its row asks next, or to the row now in its place: the keys always work. */
function keepFocus(host: HTMLElement | null, last: Place | null): void {
  if (!host || !last || document.activeElement !== document.body) return;
  const row = host.querySelector<HTMLElement>(`[data-node="${last.id}"]`);
  const handles = host.querySelectorAll<HTMLElement>(".ce-handle");
  const next = row ? row.querySelector<HTMLElement>("button.ce-missing") ?? row.querySelector<HTMLElement>("button.ce-token") : handles[Math.min(last.at, handles.length - 1)];
  (next ?? host.querySelector<HTMLElement>(".ce-adders button"))?.focus();
}

/** A row that has the focus, and its place among all rows. */
interface Place { id: string; at: number }

function placed(host: HTMLElement | null, target: Element): Place | null {
  const row = target.closest<HTMLElement>("[data-node]");
  return row && host ? { id: row.dataset.node!, at: [...host.querySelectorAll("[data-node]")].indexOf(row) } : null;
}

/** Behind the row that has the focus, else at the end. */
function put(root: tree.Group, nodes: tree.Node[], id: string | null): tree.Group {
  const found = id ? tree.find(root, id) : null;
  return found ? tree.insert(root, found.parent.id, found.index + 1, ...nodes) : tree.insert(root, root.id, root.of.length, ...nodes);
}

export function ConditionEditor({ value, schemaUrl, countUrl, attributesOnly, disabled, onChange }: Props) {
  const [history, setHistory] = useState(() => begin(tree.read(value)));
  const [said, say] = useState("");
  const [fresh, setFresh] = useState<string | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const { schema, failed } = useSchema(schemaUrl);
  const root = history.now;
  const json = tree.write(root);
  const counts = useCounts(countUrl, json);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) onChange(json);
    first.current = false;
  }, [json]);
  const last = useRef<Place | null>(null);
  useLayoutEffect(() => keepFocus(host.current, last.current), [root]);
  const apply = (by: (root: tree.Group) => tree.Group, words = "", opens: string | null = null) => {
    setHistory((before) => record(before, by(before.now)));
    setFresh(opens);
    say(words);
  };
  const travel = (by: typeof undo, words: string) => {
    setHistory(by);
    setFresh(null);
    say(words);
  };
  const choice = useChoice(root, say);
  const drag = useDrag(host, (id, spot) => apply((before) => dropped(before, id, spot), t("Moved.")));
  useClipboard(host, {
    copy: (id) => { const nodes = meant(id); return nodes.length ? tree.copied(...nodes) : null; },
    cut: (id) => !disabled && apply((before) => tree.removeAll(before, new Set(meant(id).map((one) => one.id))), t("Cut.")),
    paste: (text, id) => paste(text, id),
  });
  /** The row, and with it what is chosen together with it. */
  const meant = (id: string): tree.Node[] => (choice.ids.has(id) ? choice.nodes : tree.chosen(root, new Set([id])));
  const paste = (text: string, id: string | null = null): boolean => {
    const nodes = disabled ? null : tree.pasted(text);
    if (nodes) apply((before) => put(before, nodes, id), t("Pasted."));
    return nodes !== null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const pressed = command(event);
    if (!pressed || !host.current || target.closest(".ce-panel") || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    const id = target.closest<HTMLElement>("[data-node]")?.dataset.node ?? "";
    if (pressed === "left" || pressed === "right" || pressed === "above" || pressed === "below") neighbour(host.current, target, pressed)?.focus();
    else if (disabled) return;
    else if (pressed === "all" || pressed === "none" || pressed === "more-up" || pressed === "more-down") {
      if (!choose(choice, root, host.current, id, pressed)) return;
    }
    else if (pressed === "undo" || pressed === "redo") travel(pressed === "undo" ? undo : redo, pressed === "undo" ? t("Undone.") : t("Done again."));
    else if (!act(id, pressed, target)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const actTogether = (pressed: string): boolean => {
    const action = together(choice.nodes).find((one) => one.command === pressed);
    if (!action) return false;
    apply((before) => action.do(before, choice.ids), action.said);
    if (pressed !== "off") choice.only([]);
    return true;
  };
  const act = (id: string, pressed: string, target: HTMLElement): boolean => {
    if (choice.nodes.length > 1 && choice.ids.has(id) && actTogether(pressed)) return true;
    const found = tree.find(root, id);
    const action = found && actions(found.node, schema).find((one) => one.command === pressed);
    if (!found || !action) return false;
    const again = remember(target);
    const next = pressed === "remove" ? (found.parent.of[found.index + 1] ?? found.parent.of[found.index - 1])?.id : id;
    flushSync(() => apply((before) => action.do(before, id), action.said)); // the next key may come before the next frame
    const handle = next ? host.current?.querySelector<HTMLElement>(`[data-node="${next}"] .ce-handle`) : undefined;
    ((pressed === "remove" ? handle : again()) ?? host.current?.querySelector<HTMLElement>(".ce-adders button"))?.focus();
    return true;
  };
  const context: Context = { schema, schemaUrl, attributesOnly, disabled };
  const edit: Edit = { context, counts: counts.json === json ? counts : { ...counts, problems: {} }, paths: tree.paths(root), drag, choice, fresh, apply };
  const tools = !disabled && (
    <Tools past={history.past.length > 0} future={history.future.length > 0} onUndo={() => travel(undo, t("Undone."))} onRedo={() => travel(redo, t("Done again."))} onPaste={paste} />
  );
  return (
    <div className={`ce${drag.dragged ? " ce-dragging" : ""}`} ref={host} onKeyDown={onKeyDown}
      onFocus={(event) => { last.current = placed(host.current, event.target); }}>
      {failed && <p className="ce-note"><Icon name="warning" />{t("Suggestions could not be loaded. Load the page again to see them.")}</p>}
      <GroupBox group={root} edit={edit} tools={tools} outermost />
      {!disabled && <ChosenBar choice={choice} onDo={actTogether} />}
      {drag.at && <div className="ce-ghost" style={{ left: drag.at.x + 12, top: drag.at.y + 8 }} aria-hidden="true"><Icon name="grip" />{drag.spot ? ghost(drag.spot) : t("Let go to leave it where it was")}</div>}
      <div className="visually-hidden" aria-live="polite">{said}</div>
    </div>
  );
}

const ghost = (spot: Spot): string => ({ onto: t("Group with this"), end: t("To the end of the group"), before: t("Before this"), after: t("After this") })[spot.side];

/** The small sister: property filters of one event, all of which must hold. */
export function WhereEditor({ value, schemaUrl, event, disabled, onChange }: { value: string; schemaUrl: string; event: string; disabled: boolean; onChange: (json: string) => void }) {
  const [where, setWhere] = useState(() => readWhere(value));
  const { schema } = useSchema(schemaUrl);
  const context: Context = { schema, schemaUrl, attributesOnly: false, disabled };
  const shared = { at: "where", from: { event: "event" }, raw: { event, where }, context };
  const set = (next: Raw) => {
    const questions = next.where as Raw[];
    setWhere(questions);
    onChange(questions.length ? JSON.stringify(questions) : "");
  };
  return (
    <div className="ce ce-compact">
      <Where {...shared} onChange={set} />
      {where.length === 0 && <AddProperty {...shared} onChange={set} />}
      {disabled && where.length === 0 && <p className="ce-none">{t("Any.")}</p>}
    </div>
  );
}

function readWhere(text: string): Raw[] {
  try {
    const raw: unknown = text ? JSON.parse(text) : [];
    return Array.isArray(raw) ? (raw as Raw[]) : [];
  } catch {
    return [];
  }
}
