// The surface: React Flow shows the drawing and reports gestures; what they mean is decided by the canvas.
import {
  Background, ReactFlow, useEdgesState, useNodesInitialized, useNodesState, useReactFlow, type Connection, type EdgeTypes, type FinalConnectionState, type NodeTypes,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, type DragEvent } from "react";
import { BoxesContext, useAround } from "./context";
import type { Line } from "./contract";
import { EdgeLine, type LineEdge } from "./EdgeLine";
import { cardOf, lineFrom, type Out, type Spot } from "./graph";
import { Icon } from "./icons";
import { NodeCard, type CardNode } from "./NodeCard";
import { DRAGGED } from "./Palette";
import { lineId } from "./report";
import { spread } from "./layout";
import type { Box } from "./route";
import { mayConnect } from "./rules";
import { t } from "./words";

const NODE_TYPES: NodeTypes = { card: NodeCard };
const EDGE_TYPES: EdgeTypes = { line: EdgeLine };

const FIT = { padding: 0.08, maxZoom: 1 };
/** Below this the sentences on the cards cannot be read. */
const READABLE = 0.8;
const ABOVE = 28;

function heightsOf(nodes: CardNode[]): Map<string, number> {
  return new Map(nodes.flatMap((node) => (node.measured?.height ? [[node.id, node.measured.height]] : [])));
}

/** Where the cards lie; while one is dragged, where they lay before: lines far away need not follow each step. */
function useBoxes(nodes: CardNode[]): readonly Box[] {
  const last = useRef("[]");
  if (!nodes.some((node) => node.dragging)) {
    last.current = JSON.stringify(nodes.flatMap(({ position, measured }) => (measured?.height ? [{ ...position, width: measured.width, height: measured.height }] : [])));
  }
  const now = last.current;
  return useMemo(() => JSON.parse(now) as Box[], [now]);
}

export interface Chosen { keys: ReadonlySet<string>; lines: Out[] }

interface FlowProps {
  select: ReadonlySet<string>;
  onChoose(chosen: Chosen): void;
  onMove(spots: Spot[]): void;
  onConnect(line: Line, instead?: Out): void;
  onDrop(kind: string, at: { x: number; y: number }, out?: Out): void;
  onHeights(heights: ReadonlyMap<string, number>): void;
  tidyUp(): void;
}

const asOut = (id: string): Out => {
  const [source = "", ...port] = id.split(":");
  return { source, port: port.join(":") };
};

/** The line or open way out under the pointer. */
function outAt(x: number, y: number): Out | undefined {
  for (const element of document.elementsFromPoint(x, y)) {
    const stub = element.closest<HTMLElement>("[data-out]")?.dataset.out ?? element.closest<HTMLElement>("[data-line]")?.dataset.line;
    const line = stub ?? element.closest(".react-flow__edge")?.getAttribute("data-id");
    if (line) return asOut(line);
  }
  return undefined;
}

export function Flow({ select, onChoose, onMove, onConnect, onDrop, onHeights, tidyUp }: FlowProps) {
  const { boot, drawing, kinds, open, ask } = useAround();
  const flow = useReactFlow<CardNode, LineEdge>();
  const [nodes, setNodes, onNodesChange] = useNodesState<CardNode>([]);
  const [edges, setEdges, onEdgesChange] = useEdgesState<LineEdge>([]);

  useEffect(() => {
    setNodes((before) => {
      const old = new Map(before.map((node) => [node.id, node]));
      return drawing.nodes.map((card) => {
        const was = old.get(card.key);
        const position = was?.dragging ? was.position : { x: card.x, y: card.y };
        return { ...was, id: card.key, type: "card", position, data: { card }, ariaLabel: `${card.title}. ${card.summary.replaceAll("**", "")}` };
      });
    });
    setEdges((before) => {
      const chosen = new Set(before.filter((edge) => edge.selected).map((edge) => edge.id));
      return drawing.edges.map((edge) => {
        const ports = cardOf(drawing, edge.source)?.ports ?? [];
        const label = ports.find((port) => port.name === edge.port)?.label ?? "";
        const alike = ports.filter((port) => lineFrom(drawing, { source: edge.source, port: port.name })?.target === edge.target);
        const at = Math.max(0, alike.findIndex((port) => port.name === edge.port));
        const id = edge.change === "removed" ? `${lineId(edge)}~` : lineId(edge);
        return { id, type: "line", source: edge.source, target: edge.target, sourceHandle: edge.port, data: { port: edge.port, label, change: edge.change ?? "", turn: at, turns: alike.length || 1 }, selected: chosen.has(id) };
      });
    });
  }, [drawing, setNodes, setEdges]);

  useEffect(() => {
    setNodes((before) => before.map((node) => (Boolean(node.selected) === select.has(node.id) ? node : { ...node, selected: select.has(node.id) })));
  }, [select, setNodes]);

  const boxes = useBoxes(nodes);
  useEffect(() => onHeights(heightsOf(nodes)), [nodes, onHeights]);

  const room = useRef<HTMLDivElement>(null);
  /** All of a small journey; of a large one its beginning, large enough to read. */
  const frame = useCallback((): void => {
    const box = flow.getNodesBounds(flow.getNodes());
    const { width = 0, height = 0 } = room.current?.getBoundingClientRect() ?? {};
    if (!box.width || !width) return;
    const wide = (width / box.width) * (1 - FIT.padding);
    const whole = Math.min(wide, (height - 2 * ABOVE) / box.height);
    const zoom = whole >= READABLE ? Math.min(1, whole) : Math.max(0.5, Math.min(READABLE, wide));
    void flow.setViewport({ x: width / 2 - (box.x + box.width / 2) * zoom, y: ABOVE - box.y * zoom, zoom });
  }, [flow]);
  const framed = useRef(false);
  const measured = useNodesInitialized();
  useEffect(() => {
    if (!measured || framed.current) return;
    framed.current = true;
    frame();
  }, [measured, frame]);

  // Numbers make cards taller than they were when they were placed.
  const grown = boot.mode === "report" && nodes.every((node) => node.measured?.height) ? JSON.stringify([...heightsOf(nodes)]) : "";
  useEffect(() => {
    if (!grown) return;
    const spots = new Map(spread(drawing, new Map(JSON.parse(grown) as [string, number][])).map((spot) => [spot.key, spot]));
    setNodes((before) => before.map((node) => ({ ...node, position: spots.get(node.id) ?? node.position })));
    requestAnimationFrame(frame);
  }, [grown, drawing, frame, setNodes]);

  const valid = useCallback(
    (connection: Connection | LineEdge): boolean => mayConnect(drawing, kinds, { source: connection.source, port: connection.sourceHandle ?? "", target: connection.target }),
    [drawing, kinds],
  );
  // Must stay the same function: React Flow calls a new one at once, and the answer would make another.
  const selected = useCallback(
    ({ nodes: cards, edges: lines }: { nodes: CardNode[]; edges: LineEdge[] }): void =>
      onChoose({ keys: new Set(cards.map((node) => node.id)), lines: lines.map((edge) => asOut(edge.id)) }),
    [onChoose],
  );
  const ended = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    if (state.isValid || !state.fromNode || state.toNode || !state.fromHandle?.id) return;
    const point = "changedTouches" in event ? event.changedTouches[0]! : event;
    ask({ source: state.fromNode.id, port: state.fromHandle.id }, new DOMRect(point.clientX, point.clientY));
  };
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    const out = outAt(event.clientX, event.clientY);
    const wanted = out && lineId(out);
    setEdges((before) => before.map((edge) => (Boolean(edge.animated) === (edge.id === wanted) ? edge : { ...edge, animated: edge.id === wanted })));
  };
  const drop = (event: DragEvent): void => {
    const kind = event.dataTransfer.getData(DRAGGED);
    setEdges((before) => before.map((edge) => ({ ...edge, animated: false })));
    if (!kind) return;
    event.preventDefault();
    onDrop(kind, flow.screenToFlowPosition({ x: event.clientX - 132, y: event.clientY - 30 }), outAt(event.clientX, event.clientY));
  };

  return (
    <BoxesContext.Provider value={boxes}>
    <ReactFlow<CardNode, LineEdge>
      ref={room}
      nodes={nodes} edges={edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES} onNodesChange={onNodesChange} onEdgesChange={onEdgesChange}
      onNodeClick={(_event, node) => open(node.id)}
      onNodeDragStop={(_event, _node, moved) => onMove(moved.map((node) => ({ key: node.id, x: Math.round(node.position.x), y: Math.round(node.position.y) })))}
      onSelectionDragStop={(_event, moved) => onMove(moved.map((node) => ({ key: node.id, x: Math.round(node.position.x), y: Math.round(node.position.y) })))}
      onSelectionChange={selected}
      onConnect={(made) => onConnect({ source: made.source, port: made.sourceHandle ?? "", target: made.target })}
      onReconnect={(old, made) => onConnect({ source: made.source, port: made.sourceHandle ?? "", target: made.target }, asOut(old.id))}
      onConnectEnd={ended} isValidConnection={valid} onDragOver={over} onDrop={drop}
      nodesDraggable={boot.editable} nodesConnectable={boot.editable} edgesReconnectable={boot.editable} edgesFocusable={false}
      connectOnClick={false} disableKeyboardA11y deleteKeyCode={null} selectionKeyCode="Shift" multiSelectionKeyCode={["Control", "Meta", "Shift"]}
      minZoom={0.2} maxZoom={1.5} connectionRadius={36} snapToGrid snapGrid={[8, 8]}
      panOnScroll zoomOnDoubleClick={false} proOptions={{ hideAttribution: true }}
    >
      <Background gap={24} size={1.4} />
      <div className="cv-controls" role="group" aria-label={t("View")}>
        <button type="button" aria-label={t("Zoom in")} title={t("Zoom in")} onClick={() => void flow.zoomIn()}><Icon name="plus" /></button>
        <button type="button" aria-label={t("Zoom out")} title={t("Zoom out")} onClick={() => void flow.zoomOut()}><Icon name="minus" /></button>
        <button type="button" aria-label={t("Show everything")} title={t("Show everything")} onClick={() => void flow.fitView({ ...FIT, duration: 200 })}><Icon name="fit" /></button>
        {boot.editable && <button type="button" aria-label={t("Tidy up")} title={t("Tidy up")} onClick={tidyUp}><Icon name="tidy" /></button>}
      </div>
    </ReactFlow>
    </BoxesContext.Provider>
  );
}
