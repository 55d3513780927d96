// Dragging rows and groups by their handle, with mouse, pen or finger: where would it land?
import { type PointerEvent, type RefObject, useRef, useState } from "react";

export type Side = "before" | "after" | "onto" | "end";
export interface Spot {
  id: string;
  side: Side;
}

/** Which part of a row the pointer is over: its upper edge, its lower edge, or the middle. */
export function sideOf(y: number, box: { top: number; height: number }, group: boolean): Side {
  const edge = group ? Math.min(14, box.height / 3) : box.height * 0.3;
  if (y < box.top + edge) return "before";
  return y > box.top + box.height - edge ? "after" : "onto";
}

function spotAt(host: HTMLElement, x: number, y: number, dragged: string): Spot | null {
  const element = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-node], [data-end]");
  if (!element || !host.contains(element) || element.closest(`[data-node="${dragged}"]`)) return null;
  if (element.dataset.end) return { id: element.dataset.end, side: "end" };
  return { id: element.dataset.node!, side: sideOf(y, element.getBoundingClientRect(), element.dataset.group !== undefined) };
}

const SLOP = 4;
const EDGE = 48;

export interface Drag {
  dragged: string | null;
  spot: Spot | null;
  at: { x: number; y: number } | null;
  handle: (id: string) => { onPointerDown: (event: PointerEvent<HTMLElement>) => void };
}

export function useDrag(host: RefObject<HTMLElement | null>, onDrop: (id: string, spot: Spot) => void): Drag {
  const [state, setState] = useState<Omit<Drag, "handle">>({ dragged: null, spot: null, at: null });
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const begin = (id: string, start: PointerEvent<HTMLElement>) => {
    if (start.button !== 0) return;
    const stop = new AbortController();
    let spot: Spot | null = null;
    let going = false;
    const end = () => {
      stop.abort();
      setState({ dragged: null, spot: null, at: null });
    };
    const move = (event: globalThis.PointerEvent) => {
      if (!going && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < SLOP) return;
      going = true;
      event.preventDefault();
      spot = host.current ? spotAt(host.current, event.clientX, event.clientY, id) : null;
      if (event.clientY < EDGE) window.scrollBy(0, -12);
      else if (event.clientY > window.innerHeight - EDGE) window.scrollBy(0, 12);
      setState({ dragged: id, spot, at: { x: event.clientX, y: event.clientY } });
    };
    const options = { signal: stop.signal };
    document.addEventListener("pointermove", move, options);
    document.addEventListener("pointerup", () => { end(); if (going && spot) drop.current(id, spot); }, options);
    document.addEventListener("pointercancel", end, options);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(); }, options);
  };
  return { ...state, handle: (id) => ({ onPointerDown: (event) => begin(id, event) }) };
}
