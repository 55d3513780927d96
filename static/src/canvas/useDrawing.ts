// The drawing with its autosave: one state, one saver, and what is said about saving.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { fetchGraph, save } from "./api";
import { connect, toast, type Saved } from "./bridge";
import type { Boot, Graph } from "./contract";
import { reduce, start, type Action, type State } from "./graph";
import { Saver, type Status } from "./saver";
import { t } from "./words";

const NOTICES = {
  changed: "Somebody else has changed this journey. You see their version now; your last edit was not saved.",
  refused: "This could not be done: {detail}",
  "signed-out": "You have been signed out. Sign in again in another tab, then go on here.",
};

export interface Drawn {
  state: State;
  status: Status;
  dispatch(action: Action): void;
  flush(): Promise<boolean>;
  /** The drawing of this very moment, which a render would only show later. */
  peek(): State["now"];
}

export function useDrawing(boot: Boot, graph: Graph, ears: { filled(saved: Saved): void; closed(): void; reloaded(): void }): Drawn {
  const [state, setState] = useReducer((_old: State, next: State) => next, graph, start);
  const [status, setStatus] = useState<Status>("saved");
  const latest = useRef(state);
  const listening = useRef(ears);
  listening.current = ears;

  const put = useCallback((action: Action): void => {
    latest.current = reduce(latest.current, action);
    setState(latest.current);
    if (action.type === "reloaded") listening.current.reloaded();
  }, []);
  const saver = useMemo(
    () => new Saver({
      read: () => latest.current,
      dispatch: put,
      save: (revision, operations) => save(boot.urls.operations, revision, operations),
      reload: () => fetchGraph(boot.urls.graph),
      status: setStatus,
      notice: (kind, detail) => toast(t(NOTICES[kind], { detail }), kind === "changed" ? "warning" : "danger"),
    }),
    [boot, put],
  );
  const dispatch = useCallback((action: Action): void => {
    put(action);
    saver.touched();
  }, [put, saver]);
  const flush = useCallback(() => saver.flush(), [saver]);

  useEffect(() => {
    const reload = async (): Promise<void> => {
      try {
        const sent = latest.current.base;
        const fresh = await fetchGraph(boot.urls.graph);
        if (fresh.revision === latest.current.revision) put({ type: "saved", sent, graph: fresh });
      } catch { /* the next save brings the same news */ }
    };
    return connect({
      revision: () => latest.current.revision,
      flush,
      lend: () => saver.lend(),
      saved: (saved) => {
        put({ type: "filled", card: saved.card, revision: saved.revision });
        listening.current.filled(saved);
        void reload();
      },
      stale: () => void fetchGraph(boot.urls.graph).then((fresh) => {
        put({ type: "reloaded", graph: fresh });
        toast(t(NOTICES.changed), "warning");
      }),
      closed: () => listening.current.closed(),
    });
  }, [boot, flush, put, saver]);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent): void => { if (saver.pending()) { void saver.flush(); event.preventDefault(); } };
    const again = (): void => void saver.flush();
    window.addEventListener("beforeunload", leave);
    window.addEventListener("online", again);
    return () => {
      saver.stop();
      window.removeEventListener("beforeunload", leave);
      window.removeEventListener("online", again);
    };
  }, [saver]);

  const peek = useCallback(() => latest.current.now, []);
  return { state, status, dispatch, flush, peek };
}
