// Several rows at once: which are chosen, by mouse and by keys, and what can be done with them.
import { type MouseEvent, useState } from "react";
import { toClipboard } from "./clipboard";
import { together } from "./commands";
import { Icon } from "./icons";
import * as tree from "./tree";
import { grouped, t } from "./words";

export type How = "toggle" | "range";
export interface Choice {
  ids: ReadonlySet<string>;
  nodes: tree.Node[];
  pick: (id: string, how: How) => void;
  only: (ids: Iterable<string>) => void;
}

const NONE: ReadonlySet<string> = new Set();

export function useChoice(root: tree.Group, say: (words: string) => void): Choice {
  const [ids, setIds] = useState(NONE);
  const [anchor, setAnchor] = useState<string | null>(null);
  const only = (list: Iterable<string>) => {
    const next = new Set(list);
    setIds(next.size ? next : NONE);
    const n = tree.chosen(root, next).length;
    if (n || ids.size) say(n === 1 ? t("1 row chosen.") : t("{n} rows chosen.", { n: grouped(n) }));
  };
  const pick = (id: string, how: How) => {
    if (how === "range" && anchor) return only([...ids, ...tree.between(root, anchor, id)]);
    setAnchor(id);
    only(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]);
  };
  return { ids, nodes: tree.chosen(root, ids), pick, only };
}

/** By keys: all, none, or one row more, which gets the focus. False: there was nothing to do. */
export function choose(choice: Choice, root: tree.Group, host: HTMLElement, id: string, pressed: "all" | "none" | "more-up" | "more-down"): boolean {
  const all = tree.order(root);
  if (pressed === "none" && !choice.nodes.length) return false;
  if (pressed === "none" || pressed === "all") choice.only(pressed === "all" ? all : []);
  else {
    const next = all[all.indexOf(id) + (pressed === "more-down" ? 1 : -1)];
    choice.only([...choice.ids, ...(id ? [id] : []), ...(next ? [next] : [])]);
    host.querySelector<HTMLElement>(`[data-node="${next}"] .ce-handle`)?.focus();
  }
  return true;
}

/** A click on a row chooses it with Ctrl or Shift; one on its handle always does. */
export function clicked(event: MouseEvent<HTMLElement>, id: string, choice: Choice): void {
  const target = event.target as HTMLElement;
  const handle = target.closest(".ce-handle") !== null;
  const modified = event.shiftKey || event.ctrlKey || event.metaKey;
  if (target.closest<HTMLElement>("[data-node]")?.dataset.node !== id || (!handle && (!modified || target.closest("button, input, .ce-panel")))) return;
  event.preventDefault();
  event.currentTarget.querySelector<HTMLElement>(".ce-handle")?.focus(); // so that the keys go on from here
  choice.pick(id, event.shiftKey ? "range" : "toggle");
}

export function ChosenBar({ choice, onDo }: { choice: Choice; onDo: (command: string) => void }) {
  if (!choice.nodes.length) return null;
  const n = choice.nodes.length;
  return (
    <div className="ce-chosen" role="toolbar" aria-label={t("What to do with the chosen rows")}>
      <span className="ce-lead">{n === 1 ? t("1 row chosen") : t("{n} rows chosen", { n: grouped(n) })}</span>
      {together(choice.nodes).map((one) => (
        <button key={one.command} type="button" className="ce-link" onClick={() => onDo(one.command)}>{one.label}</button>
      ))}
      <button type="button" className="ce-link" onClick={() => toClipboard(tree.copied(...choice.nodes))}>{t("Copy")}</button>
      <button type="button" className="ce-quiet" aria-label={t("Choose none")} title={t("Choose none")} onClick={() => choice.only([])}><Icon name="x" /></button>
    </div>
  );
}
