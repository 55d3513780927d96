// Keys of the canvas: what is pressed becomes what is meant.
import type { Card } from "./contract";

export type Command =
  | { do: "undo" | "redo" | "remove" | "inspect" | "add" | "all" | "leave" }
  | { do: "walk"; to: Direction };
export type Direction = "up" | "down" | "left" | "right";

const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

export function command(event: Pressed): Command | undefined {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "z") return { do: event.shiftKey ? "redo" : "undo" };
    if (key === "y") return { do: "redo" };
    if (key === "a") return { do: "all" };
    return undefined;
  }
  if (event.altKey) return undefined;
  const to = ARROWS[event.key];
  if (to) return { do: "walk", to };
  switch (event.key) {
    case "Delete": case "Backspace": return { do: "remove" };
    case "Enter": return { do: "inspect" };
    case "/": return { do: "add" };
    case "Escape": return { do: "leave" };
    default: return undefined;
  }
}

export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** The nearest card in a direction: near counts, and straight ahead counts more than aside. */
export function neighbour(cards: readonly Card[], from: Card | undefined, to: Direction): Card | undefined {
  if (!from) return [...cards].sort((a, b) => a.y - b.y || a.x - b.x)[0];
  const ahead = (card: Card): number => ({ up: from.y - card.y, down: card.y - from.y, left: from.x - card.x, right: card.x - from.x })[to];
  const aside = (card: Card): number => Math.abs(to === "up" || to === "down" ? card.x - from.x : card.y - from.y);
  return cards
    .filter((card) => card.key !== from.key && ahead(card) > 8)
    .sort((a, b) => ahead(a) + 2 * aside(a) - ahead(b) - 2 * aside(b))[0];
}
