// Brings a card into view. A new one is not drawn yet, so that its place is asked, not its element.
import { useReactFlow } from "@xyflow/react";
import { useCallback, type RefObject } from "react";
import { cardOf, type Drawing } from "./graph";
import { HEIGHT, WIDTH } from "./layout";

/** What hangs below a card: its open ways out. */
const MARGIN = 40;

export function useReveal(board: RefObject<HTMLDivElement | null>, peek: () => Drawing): (key: string) => void {
  const flow = useReactFlow();
  return useCallback((key: string): void => {
    requestAnimationFrame(() => {
      const room = board.current?.querySelector(".react-flow")?.getBoundingClientRect();
      const card = cardOf(peek(), key);
      if (!room || !card) return void board.current?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
      const { x, y } = flow.getNode(key)?.position ?? card;
      const from = flow.flowToScreenPosition({ x, y });
      const to = flow.flowToScreenPosition({ x: x + WIDTH, y: y + HEIGHT + MARGIN });
      const inside = from.x >= room.left && to.x <= room.right && from.y >= room.top && to.y <= room.bottom;
      if (!inside) void flow.setCenter(x + WIDTH / 2, y + HEIGHT / 2, { zoom: flow.getZoom(), duration: 200 });
    });
  }, [board, flow, peek]);
}
