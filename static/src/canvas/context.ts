// What every card and line needs from the canvas around it.
import { createContext, useContext } from "react";
import type { Boot, CountsAnswer, Kind } from "./contract";
import type { Drawing, Out } from "./graph";
import type { Flow } from "./report";
import type { Box } from "./route";
import type { Kinds } from "./rules";

export interface Around {
  boot: Boot;
  kinds: Kinds;
  oneOf: ReadonlyMap<string, string>;
  drawing: Drawing;
  counts: CountsAnswer | undefined;
  flows: ReadonlyMap<string, Flow>;
  inside: number;
  open(key: string, focusFirst?: boolean): void;
  /** Ask what to put at this way out; `at` is where the menu appears. */
  ask(out: Out, at: DOMRect): void;
  kindOf(kind: string): Kind | undefined;
}

export const AroundContext = createContext<Around | undefined>(undefined);

/** Where the cards lie, for lines that go round them. */
export const BoxesContext = createContext<readonly Box[]>([]);

export function useAround(): Around {
  const around = useContext(AroundContext);
  if (!around) throw new Error("A card needs a canvas around it.");
  return around;
}
