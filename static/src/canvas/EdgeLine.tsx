// A line: its port's name and numbers on it, and "+" to put a step in between.
import { BaseEdge, EdgeLabelRenderer, type Edge, type EdgeProps } from "@xyflow/react";
import { memo, useContext, useMemo } from "react";
import { CHANGED } from "./changes";
import { BoxesContext, useAround } from "./context";
import type { Change } from "./contract";
import { Icon } from "./icons";
import { lineId } from "./report";
import { drawn, route } from "./route";
import { grouped, percent, t } from "./words";

export type LineEdge = Edge<{ port: string; label: string; change: Change; turn: number; turns: number }, "line">;

export const EdgeLine = memo(function EdgeLine(props: EdgeProps<LineEdge>) {
  const { boot, flows, ask } = useAround();
  const { source, data, sourceX, sourceY, targetX, targetY } = props;
  const out = { source, port: data?.port ?? "" };
  const change = data?.change ?? "";
  const label = [data?.label, change && t(CHANGED[change])].filter(Boolean).join(" · ");
  const flow = boot.mode === "report" ? flows.get(lineId(out)) : undefined;
  const boxes = useContext(BoxesContext);
  const [at, of] = [data?.turn ?? 0, data?.turns ?? 1];
  const { corners, label: { x, y } } = useMemo(
    () => route({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, boxes, label !== "", { at, of }),
    [sourceX, sourceY, targetX, targetY, boxes, label, at, of],
  );
  return (
    <>
      <BaseEdge path={drawn(corners)} interactionWidth={24} className={`cv-line${props.selected ? " cv-line-chosen" : ""}${change && ` cv-line-${change}`}`} style={flow ? { strokeWidth: flow.width } : {}} />
      <EdgeLabelRenderer>
        <div className="cv-line-label nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }} data-line={lineId(out)}>
          {(label || flow) && (
            <span className="cv-line-name">
              {label && <b title={label}>{label}</b>}
              {flow && <span>{grouped(flow.count)}{flow.share !== undefined && ` · ${percent(flow.share)}`}</span>}
            </span>
          )}
          {boot.editable && (
            <button type="button" className="cv-plus" aria-label={label ? t("Add a step on the line {port}", { port: label }) : t("Add a step on this line")}
              onClick={(event) => ask(out, event.currentTarget.getBoundingClientRect())}>
              <Icon name="plus" />
            </button>
          )}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});
