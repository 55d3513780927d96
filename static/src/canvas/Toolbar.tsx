// What the island shows in the page's own bar: undo, redo, problems, and whether everything is saved.
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { DrawingProblem } from "./contract";
import { Icon } from "./icons";
import type { Drawn } from "./useDrawing";
import { relative, t } from "./words";

export function Toolbar({ drawn, jump }: { drawn: Drawn; jump(key: string): void }) {
  const { state, dispatch } = drawn;
  const place = document.getElementById("canvas-tools");
  return place && createPortal(
    <>
      <button type="button" className="cv-round" disabled={state.past.length === 0} aria-label={t("Undo")} title={t("Undo (Ctrl Z)")} onClick={() => dispatch({ type: "undo" })}><Icon name="undo" /></button>
      <button type="button" className="cv-round" disabled={state.future.length === 0} aria-label={t("Redo")} title={t("Redo (Ctrl Shift Z)")} onClick={() => dispatch({ type: "redo" })}><Icon name="redo" /></button>
      <ProblemList problems={state.problems} drawn={drawn} jump={jump} />
    </>,
    place,
  );
}

export function SavedText({ drawn: { status, state } }: { drawn: Drawn }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const first = useRef(state.revision);
  useEffect(() => {
    const version = document.getElementById("canvas-version");
    if (version && state.revision !== first.current) version.textContent = t("Draft of version {n}", { n: state.number });
  }, [state.revision, state.number]);
  const place = document.getElementById("canvas-saved");
  const age = Math.min(0, (Date.parse(state.savedAt) - Math.max(now, Date.now())) / 1000);
  const words = {
    saved: t("saved {ago}", { ago: relative(Math.round(age)) }),
    saving: t("saving…"),
    retrying: t("could not save, retrying…"),
    blocked: t("not saved"),
  };
  return place && createPortal(<span data-status={status} className={status === "saved" || status === "saving" ? "" : "text-tone-red"}>{words[status]}</span>, place);
}

function ProblemList({ problems, drawn, jump }: { problems: readonly DrawingProblem[]; drawn: Drawn; jump(key: string): void }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const outside = (event: PointerEvent): void => { if (!box.current?.contains(event.target as globalThis.Node)) setOpen(false); };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const errors = problems.filter((problem) => problem.level === "error").length;
  if (problems.length === 0) return null;
  const says = errors === 1 ? t("1 problem") : errors ? t("{n} problems", { n: errors }) : problems.length === 1 ? t("1 hint") : t("{n} hints", { n: problems.length });
  const title = (key: string): string => drawn.state.now.nodes.find((card) => card.key === key)?.title ?? t("Journey");
  return (
    <div className="cv-problems" ref={box}>
      <button type="button" className={`badge-soft ${errors ? "tone-yellow" : "tone-grey"}`} aria-expanded={open} onClick={() => setOpen(!open)}>{says}</button>
      {open && (
        <ul className="cv-problem-list" aria-label={t("Problems")}>
          {problems.map((problem, index) => (
            <li key={index}>
              <button type="button" disabled={!problem.node} onClick={() => { setOpen(false); jump(problem.node); }}>
                <span className={problem.level === "error" ? "text-tone-yellow" : "text-secondary"}><Icon name="alert" /></span>
                <span><b>{title(problem.node)}</b>{problem.text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
