// The journey canvas: palette, surface or list, and what every gesture and key means.
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { closeInspector, followDrawing, inspectorUrl, openInspector } from "./bridge";
import { copied, pasted } from "./clipboard";
import { AroundContext, type Around } from "./context";
import type { Boot, Graph, Kind, Manifest } from "./contract";
import { Flow, type Chosen } from "./Flow";
import { cardOf, openPort, type Out } from "./graph";
import { Icon, Tile } from "./icons";
import { command, neighbour, typing } from "./keyboard";
import { free, spotAfter, tidy, type Heights } from "./layout";
import { ListView } from "./ListView";
import { AddMenu, Palette } from "./Palette";
import { flows } from "./report";
import { freshCard, kindsOf, mayConnect, offered } from "./rules";
import { SavedText, Toolbar } from "./Toolbar";
import { useCounts } from "./useCounts";
import { useDrawing } from "./useDrawing";
import { useReveal } from "./useReveal";
import { t } from "./words";

interface CanvasProps { boot: Boot; manifest: Manifest; graph: Graph }
interface Asking { out: Out | undefined; x: number; y: number }

const NOTHING: Chosen = { keys: new Set(), lines: [] };
const CLIPBOARD = "omnichannel-steps";

export function Canvas(props: CanvasProps) {
  return <ReactFlowProvider><Board {...props} /></ReactFlowProvider>;
}

function Board({ boot, manifest, graph }: CanvasProps) {
  const drawn = useDrawing(boot, graph, {
    closed: () => leave(),
    reloaded: () => { closeInspector(); setSelect(new Set()); },
  });
  const { state: { now: drawing }, dispatch, peek } = drawn;
  const flow = useReactFlow();
  const counts = useCounts(boot);
  const kinds = useMemo(() => kindsOf(manifest), [manifest]);
  const [asList, setAsList] = useState(() => matchMedia("(max-width: 767px)").matches);
  const [asking, setAsking] = useState<Asking>();
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [select, setSelect] = useState<ReadonlySet<string>>(new Set());
  const heights = useRef<Heights>(new Map());
  const board = useRef<HTMLDivElement>(null);
  const [onlyKey] = chosen.keys;
  const current = chosen.keys.size === 1 && onlyKey ? cardOf(drawing, onlyKey) : undefined;

  const reveal = useReveal(board, peek);

  // What was chosen by key or menu, until React Flow has told of it: what it tells in between is older.
  const expected = useRef<string | undefined>(undefined);

  const choose = useCallback((found: Chosen): void => {
    if (expected.current !== undefined && [...found.keys].join() !== expected.current) return;
    expected.current = undefined;
    setChosen(found);
  }, []);

  /** First close the form and stay on its card, then let go of the card. */
  const leave = useCallback((): void => {
    if (inspectorUrl() === undefined) return setSelect(new Set());
    closeInspector();
    board.current?.querySelector<HTMLElement>(".react-flow__node.selected")?.focus();
  }, []);

  const show = useCallback((key: string): void => {
    expected.current = key;
    setSelect(new Set([key]));
    setChosen({ keys: new Set([key]), lines: [] });
    reveal(key);
  }, [reveal]);

  const open = useCallback(async (key: string, focusFirst = false): Promise<void> => {
    const card = cardOf(peek(), key);
    if (boot.mode === "report" || !card) return;
    await openInspector(card.url, focusFirst);
    reveal(key); // the form takes room from the canvas
  }, [boot, peek, reveal]);

  const add = useCallback((kind: Kind, out?: Out, at?: { x: number; y: number }): void => {
    setAsking(undefined);
    const source = out && cardOf(drawing, out.source);
    const card = freshCard(kind, 0, 0, boot.urls.node);
    if (source && out) {
      const { at: spot, moves } = spotAfter(drawing, source, out.port, heights.current);
      dispatch({ type: "insert", card: { ...card, ...spot }, on: out, moves });
    } else {
      const lowest = drawing.nodes.reduce((y, one) => Math.max(y, one.y + 160), 0);
      const spot = at ?? free(drawing, drawing.nodes[0]?.x ?? 0, lowest, heights.current);
      dispatch({ type: "add", cards: [{ ...card, x: Math.round(spot.x), y: Math.round(spot.y) }], edges: [] });
    }
    show(card.key);
    void open(card.key, true);
  }, [boot, dispatch, drawing, open, show]);

  /** From the palette: behind the chosen card, where that makes sense. */
  const addAfterChosen = useCallback((kind: Kind): void => {
    const last = current ?? (drawing.nodes.length === 1 ? drawing.nodes[0] : undefined);
    const port = last && (openPort(drawing, last) ?? last.ports[0]?.name);
    const out = last && port !== undefined ? { source: last.key, port } : undefined;
    add(kind, out && offered(manifest, drawing, out).includes(kind) ? out : undefined);
  }, [add, current, drawing, manifest]);

  const ask = useCallback((out: Out | undefined, rect: DOMRect): void => setAsking({ out, x: rect.x, y: rect.bottom + 4 }), []);
  const remove = useCallback((keys: string[], lines: Out[] = []): void => {
    if (keys.length + lines.length === 0) return;
    dispatch({ type: "remove", keys, lines });
    if (keys.some((key) => inspectorUrl() === cardOf(drawing, key)?.url)) closeInspector();
    setChosen(NOTHING);
  }, [dispatch, drawing]);

  const around = useMemo<Around>(() => {
    const inside = Object.values(counts?.nodes ?? {}).reduce((sum, one) => sum + one.inside, 0);
    return {
      boot, kinds, drawing, counts, inside, ask, kindOf: (kind) => kinds.get(kind),
      oneOf: new Map(manifest.categories.map((category) => [category.key, category.one])),
      flows: counts ? flows(drawing.edges, counts) : new Map(), open: (key, first) => { show(key); void open(key, first); },
    };
  }, [boot, kinds, manifest, drawing, counts, ask, open, show]);

  useEffect(() => followDrawing(), [drawing]);

  const perform = useRef((_event: KeyboardEvent): void => undefined);
  perform.current = (event) => {
    const wanted = command(event);
    const onCanvas = event.target === document.body || board.current?.contains(event.target as globalThis.Node);
    if (!wanted || asking || !onCanvas || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.target instanceof HTMLButtonElement && wanted.do === "inspect") return;
    if (wanted.do === "walk") {
      const next = neighbour(drawing.nodes, current, wanted.to);
      if (!next || asList) return;
      show(next.key);
      board.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next.key)}"]`)?.focus({ preventScroll: true });
    } else if (wanted.do === "leave") leave();
    else if (wanted.do === "inspect") {
      const focused = (event.target as Element).closest?.(".react-flow__node")?.getAttribute("data-id") ?? current?.key;
      if (!focused) return;
      show(focused);
      void open(focused, true);
    } else if (wanted.do === "all") setSelect(new Set(drawing.nodes.map((card) => card.key)));
    else if (!boot.editable) return;
    else if (wanted.do === "undo" || wanted.do === "redo") dispatch({ type: wanted.do });
    else if (wanted.do === "remove") remove([...chosen.keys], chosen.lines);
    else if (wanted.do === "add") {
      const port = current && (openPort(drawing, current) ?? current.ports[0]?.name);
      if (!current || port === undefined) return;
      const card = board.current?.querySelector(`[data-key="${CSS.escape(current.key)}"]`);
      ask({ source: current.key, port }, card?.getBoundingClientRect() ?? new DOMRect());
    }
    event.preventDefault();
  };

  useEffect(() => {
    const key = (event: KeyboardEvent): void => perform.current(event);
    window.addEventListener("keydown", key, true);
    return () => window.removeEventListener("keydown", key, true);
  }, []);

  useEffect(() => {
    const copy = (event: ClipboardEvent): void => {
      if (typing(event.target) || chosen.keys.size === 0 || String(getSelection()) !== "") return;
      const text = copied(drawing, chosen.keys);
      event.clipboardData?.setData("text/plain", text);
      localStorage.setItem(CLIPBOARD, text);
      event.preventDefault();
    };
    const paste = (event: ClipboardEvent): void => {
      if (typing(event.target) || !boot.editable) return;
      const text = event.clipboardData?.getData("text/plain") || localStorage.getItem(CLIPBOARD) || "";
      const found = pasted(text, kinds, boot.urls.node, 48);
      if (!found) return;
      event.preventDefault();
      dispatch({ type: "add", ...found });
      setSelect(new Set(found.cards.map((card) => card.key)));
    };
    document.addEventListener("copy", copy);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("paste", paste);
    };
  }, [boot, chosen, dispatch, drawing, kinds]);

  const entries = manifest.kinds.filter((kind) => !kind.limits.incoming);
  return (
    <AroundContext.Provider value={around}>
      <div className="cv" ref={board} data-mode={boot.mode} onPointerDownCapture={() => { expected.current = undefined; }}>
        {boot.editable && <Palette manifest={manifest} boot={boot} choose={addAfterChosen} />}
        {boot.editable && <Toolbar drawn={drawn} jump={(key) => { show(key); void open(key, true); }} />}
        {boot.editable && <SavedText drawn={drawn} />}
        <div className="cv-stage">
          {asList ? (
            <ListView chosen={onlyKey} remove={(key) => remove([key])}
              connect={(source, port, target) => target
                ? mayConnect(drawing, kinds, { source, port, target }) && dispatch({ type: "connect", line: { source, port, target } })
                : dispatch({ type: "remove", keys: [], lines: [{ source, port }] })} />
          ) : (
            <Flow select={select} onChoose={choose} onMove={(spots) => dispatch({ type: "move", spots })}
              onConnect={(line, instead) => dispatch({ type: "connect", line, ...(instead ? { instead } : {}) })}
              onDrop={(name, at, out) => {
                const kind = kinds.get(name);
                if (kind) add(kind, out && offered(manifest, drawing, out).includes(kind) ? out : undefined, at);
              }}
              onHeights={(measured) => { heights.current = measured; }}
              tidyUp={() => {
                dispatch({ type: "move", spots: tidy(drawing, heights.current) });
                setTimeout(() => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 200 }), 50);
              }} />
          )}
          {drawing.nodes.length === 0 && boot.editable && (
            <div className="cv-first">
              <h2>{t("How do people come in?")}</h2>
              <p>{t("Every journey begins with an entry. Choose one, or drag it here.")}</p>
              {entries.map((kind) => (
                <button key={kind.kind} type="button" onClick={() => add(kind, undefined, { x: 0, y: 0 })}>
                  <Tile category={kind.category} markup={boot.icons[kind.icon]} /><span>{kind.label}<small>{kind.help}</small></span>
                </button>
              ))}
            </div>
          )}
          <div className="cv-view">
            {asList && boot.editable && (
              <button type="button" className="btn btn-primary" onClick={(event) => ask(undefined, event.currentTarget.getBoundingClientRect())}><Icon name="plus" />{t("Add a step")}</button>
            )}
            <button type="button" className="btn" aria-pressed={asList} onClick={() => setAsList(!asList)}>
              <Icon name={asList ? "route" : "list"} />{asList ? t("Canvas") : t("List")}
            </button>
          </div>
        </div>
        {asking && (
          <AddMenu kinds={offered(manifest, drawing, asking.out)} manifest={manifest} boot={boot} at={asking}
            choose={(kind) => add(kind, asking.out)} close={() => setAsking(undefined)} />
        )}
      </div>
    </AroundContext.Provider>
  );
}
