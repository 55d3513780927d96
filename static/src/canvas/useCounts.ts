// Live numbers, asked for every few seconds while somebody signed in looks.
import { useEffect, useState } from "react";
import { signIn } from "../shell/session";
import { fetchCounts } from "./api";
import type { Boot, CountsAnswer } from "./contract";

const EVERY = 4000;

export function useCounts(boot: Boot): CountsAnswer | undefined {
  const [counts, setCounts] = useState<CountsAnswer>();
  useEffect(() => {
    if (boot.mode !== "report") return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const round = async (): Promise<void> => {
      try {
        if (!document.hidden && !signIn()) {
          const answer = await fetchCounts(boot.urls.counts);
          if (!stopped) setCounts(answer);
        }
      } catch (error) {
        console.warn(error);
      }
      if (!stopped) timer = setTimeout(() => void round(), EVERY);
    };
    void round();
    // What stands beside the canvas may know that the numbers have changed.
    const again = (): void => { clearTimeout(timer); void round(); };
    document.body.addEventListener("counts:refresh", again);
    return () => { stopped = true; clearTimeout(timer); document.body.removeEventListener("counts:refresh", again); };
  }, [boot]);
  return counts;
}
