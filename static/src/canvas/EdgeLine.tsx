// A line: its port's name and numbers on it, and "+" to put a step in between.
import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { useAround } from "./context";
import { Icon } from "./icons";
import { lineId } from "./report";
import { grouped, percent, t } from "./words";

export type LineEdge = Edge<{ port: string; label: string }, "line">;

export const EdgeLine = memo(function EdgeLine(props: EdgeProps<LineEdge>) {
  const { boot, flows, ask } = useAround();
  const { source, data, sourceX, sourceY, targetX, targetY } = props;
  const out = { source, port: data?.port ?? "" };
  const label = data?.label ?? "";
  const flow = boot.mode === "report" ? flows.get(lineId(out)) : undefined;
  const back = targetY < sourceY + 24;
  // Ways of a branch bend close below the card, so that their names stand in one row above their targets; a line that
  // only leads on bends close above its target, clear of the cards beside it.
  const bend = Math.min(24, (targetY - sourceY) / 2);
  const centerY = back ? undefined : label ? sourceY + bend : targetY - bend;
  const [path, middleX, middleY] = getSmoothStepPath({ ...props, borderRadius: 16, ...(centerY === undefined ? {} : { centerY }) });
  const straight = Math.abs(sourceX - targetX) < 2;
  const x = back ? middleX : label ? targetX : sourceX;
  const y = back ? middleY : straight ? (sourceY + targetY) / 2 : label ? (centerY! + targetY) / 2 : (sourceY + centerY!) / 2;
  return (
    <>
      <BaseEdge path={path} interactionWidth={24} className={props.selected ? "cv-line cv-line-chosen" : "cv-line"} style={flow ? { strokeWidth: flow.width } : {}} />
      <EdgeLabelRenderer>
        <div className="cv-line-label nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }} data-line={lineId(out)}>
          {(label || flow) && (
            <span className="cv-line-name">
              {label && <b>{label}</b>}
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
