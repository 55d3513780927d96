// The keys of the editor: which command a key is, and where the arrows go.
export type Command =
  | "undo" | "redo" | "up" | "down" | "in" | "out" | "group" | "ungroup" | "duplicate" | "remove" | "negate" | "off" | "more-up" | "more-down" | "all" | "none" | "left" | "right" | "above" | "below";

interface Pressed {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

const ALT: Record<string, Command> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const PLAIN: Record<string, Command> = {
  ArrowLeft: "left", ArrowRight: "right", ArrowUp: "above", ArrowDown: "below", Delete: "remove", Backspace: "remove", "!": "negate", Escape: "none",
};
const MORE: Record<string, Command> = { ArrowUp: "more-up", ArrowDown: "more-down" };

export function command(pressed: Pressed): Command | null {
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  if (pressed.altKey) return pressed.ctrlKey || pressed.metaKey ? null : (ALT[key] ?? null);
  if (!pressed.ctrlKey && !pressed.metaKey) return (pressed.shiftKey ? MORE[key] : undefined) ?? PLAIN[key] ?? null;
  switch (key) {
    case "z":
      return pressed.shiftKey ? "redo" : "undo";
    case "y":
      return "redo";
    case "g":
      return pressed.shiftKey ? "ungroup" : "group";
    case "d":
      return "duplicate";
    case "a":
      return "all";
    case "/":
      return "off";
    default:
      return null;
  }
}

const stops = (host: HTMLElement): HTMLElement[] => [...host.querySelectorAll<HTMLElement>("button:not(:disabled)")].filter((one) => !one.closest(".ce-panel") && one.getClientRects().length > 0);

/** The stop beside the focused one, or on the line above or below, where the eye would look. */
export function neighbour(host: HTMLElement, from: HTMLElement, by: "left" | "right" | "above" | "below"): HTMLElement | undefined {
  const all = stops(host);
  const at = all.indexOf(from);
  if (by === "left" || by === "right") return all[at + (by === "right" ? 1 : -1)];
  const here = from.getBoundingClientRect();
  const middle = (box: DOMRect) => box.top + box.height / 2;
  const beyond = all.map((one) => ({ one, box: one.getBoundingClientRect() })).filter(({ box }) => (by === "below" ? middle(box) > here.bottom : middle(box) < here.top));
  const line = by === "below" ? Math.min(...beyond.map(({ box }) => middle(box))) : Math.max(...beyond.map(({ box }) => middle(box)));
  const near = beyond.filter(({ box }) => Math.abs(middle(box) - line) < 14);
  return near.sort((one, other) => Math.abs(one.box.left - here.left) - Math.abs(other.box.left - here.left))[0]?.one;
}

/** Which button of its row one is, so that the same one can be focused again after the row has moved. */
export function remember(from: HTMLElement): () => HTMLElement | undefined {
  const place = from.closest<HTMLElement>("[data-node]");
  const host = from.closest<HTMLElement>(".ce");
  const id = place?.dataset.node;
  const index = place ? stops(place).indexOf(from) : 0;
  return () => {
    const again = id && host?.querySelector<HTMLElement>(`[data-node="${id}"]`);
    return again ? (stops(again)[index] ?? stops(again)[0]) : undefined;
  };
}
