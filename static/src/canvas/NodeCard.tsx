// One card draws every kind: icon, title, sentence, problems or numbers, and a handle for each way out.
import { Handle, Position, type NodeProps, type Node } from "@xyflow/react";
import { memo } from "react";
import { ChangeChip } from "./changes";
import { useAround } from "./context";
import type { Card } from "./contract";
import { lineFrom } from "./graph";
import { Icon, Tile } from "./icons";
import { WIDTH as CARD_WIDTH } from "./layout";
import { cells } from "./report";
import { Text } from "./Text";
import { t } from "./words";

const STUB = 120;

export type CardNode = Node<{ card: Card }, "card">;

export const NodeCard = memo(function NodeCard({ data: { card } }: NodeProps<CardNode>) {
  const { boot, kindOf, oneOf } = useAround();
  const kind = kindOf(card.kind);
  const category = kind?.category ?? "end";
  const wrong = card.problems.filter((problem) => problem.level === "error");
  const grey = oneOf.get(category) === card.title ? "" : oneOf.get(category);
  const summary = card.summary.replaceAll("**", "") === card.title ? "" : card.summary;
  return (
    <div className={`cv-card kind-${category}`} data-change={card.change || undefined} data-wrong={boot.mode === "design" && wrong.length > 0 ? "" : undefined} data-key={card.key}>
      {kind?.limits.incoming !== false && <Handle type="target" position={Position.Top} isConnectableStart={false} />}
      <div className="cv-card-head">
        <Tile category={category} markup={boot.icons[kind?.icon ?? ""]} />
        <span className="cv-card-title" title={card.title}>{card.title}</span>
        {card.change ? <ChangeChip change={card.change} /> : <span className="cv-card-kind">{grey}</span>}
      </div>
      {summary && <p className="cv-card-text"><Text>{summary}</Text></p>}
      {boot.mode === "design" && wrong.map((problem) => (
        <p className="cv-card-problem" key={problem.text}><Icon name="alert" />{problem.text}</p>
      ))}
      {card.was && <p className="cv-card-was">{t("before:")} {card.was}</p>}
      {boot.mode === "report" && <Numbers card={card} />}
      <Ways card={card} />
    </div>
  );
});

function Numbers({ card }: { card: Card }) {
  const { boot, counts, inside, kindOf } = useAround();
  if (!counts) return null;
  const numbers = cells(kindOf(card.kind), card, counts.nodes[card.key] ?? NOTHING, inside, counts.untracked);
  return (
    <div className="cv-numbers">
      {numbers.map((cell) => (
        <a key={cell.label} href={`${boot.urls.people}?${cell.query}`} className={cell.tone ? `nodrag text-tone-${cell.tone}` : "nodrag"} data-number={cell.label}>
          <strong>{cell.value}</strong> {cell.label}
        </a>
      ))}
    </div>
  );
}

const NOTHING = {
  entered: 0, left: 0, inside: 0, sent: 0, delivered: 0, opened: 0, clicked: 0, human_opened: 0, replied: 0, late: 0, goal: 0, skipped: 0, failed: 0, converted: 0,
  completed: 0, exited: 0, overdue: 0, next_in_seconds: null, ports: {},
};

function Ways({ card }: { card: Card }) {
  const { boot, drawing, ask } = useAround();
  const apart = CARD_WIDTH / (card.ports.length + 1);
  let stubs = 0; // those side by side have their names in turn higher and lower
  return card.ports.map((port, index) => {
    const left = `${(100 * (index + 1)) / (card.ports.length + 1)}%`;
    const out = { source: card.key, port: port.name };
    const open = !lineFrom(drawing, out);
    const last = card.ports.length - 1;
    const end = card.ports.length < 2 ? undefined : index === 0 ? "first" : index === last ? "last" : undefined;
    const low = open && stubs++ % 2 === 1 && card.ports.length > 2;
    return (
      <div key={port.name} className="cv-way" style={{ left }}>
        <Handle type="source" id={port.name} position={Position.Bottom} isConnectableEnd={false} title={port.label || t("Drag to connect")} />
        {open && (
          <div className="cv-stub nodrag nopan" data-out={`${card.key}:${port.name}`} data-low={low ? "" : undefined} data-end={end}>
            {port.label && <span className="cv-stub-label" title={port.label} style={{ maxWidth: card.ports.length > 2 && !end ? 2 * apart - 6 : STUB }}>{port.label}</span>}
            {boot.editable && (
              <button
                type="button" className="cv-plus" aria-label={port.label ? t("Add a step after {port}", { port: port.label }) : t("Add a step after {step}", { step: card.title })}
                onClick={(event) => ask(out, event.currentTarget.getBoundingClientRect())}
              >
                <Icon name="plus" />
              </button>
            )}
          </div>
        )}
      </div>
    );
  });
}
