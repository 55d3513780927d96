// The drawing with its autosave: one state, one saver, and what is said about saving.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { answer, fetchGraph, save, Stale, type Reply } from "./api";
import { connect, drawReply, forgetForms, leaveField, reopenInspector, toast } from "./bridge";
import type { Boot, Graph } from "./contract";
import { reduce, start, type Action, type State } from "./graph";
import { Saver, type Status } from "./saver";
import { t } from "./words";

const NOTICES = {
  changed: "Somebody else has changed this journey. You see their version now; your last edit was not saved.",
  refused: "This could not be done: {detail}",
  wrong: "An answer in “{detail}” is missing or wrong, so it is not saved yet. Open the step to see which.",
};

export interface Drawn {
  state: State;
  status: Status;
  dispatch(action: Action): void;
  /** The drawing of this very moment, which a render would only show later. */
  peek(): State["now"];
}

export function useDrawing(boot: Boot, graph: Graph, ears: { closed(): void; reloaded(): void }): Drawn {
  const [state, setState] = useReducer((_old: State, next: State) => next, graph, start);
  const [status, setStatus] = useState<Status>("saved");
  const latest = useRef(state);
  const listening = useRef(ears);
  listening.current = ears;

  const put = useCallback((action: Action): void => {
    const { revision } = latest.current;
    latest.current = reduce(latest.current, action);
    setState(latest.current);
    if (action.type !== "reloaded") return;
    if (latest.current.revision !== revision) forgetForms();
    listening.current.reloaded();
  }, []);
  const card = useCallback((url: string) => latest.current.now.nodes.find((one) => one.url === url), []);
  const answered = useCallback(async (url: string, answers: FormData, reply: Reply): Promise<void> => {
    const title = card(url)?.title;
    if (!drawReply(url, answers, reply) && title !== undefined) toast(t(NOTICES.wrong, { detail: title }), "warning");
    if (!reply.saved) return;
    try {
      const sent = latest.current.base;
      const fresh = await fetchGraph(boot.urls.graph);
      if (fresh.revision === latest.current.revision) put({ type: "saved", sent, graph: fresh });
    } catch { /* the next save brings the same news */ }
  }, [boot, card, put]);
  const saver = useMemo(
    () => new Saver({
      read: () => latest.current,
      dispatch: put,
      save: (edit, revision, operations) => save(boot.urls.operations, edit, revision, operations),
      send: async (edit, url, answers, revision) => {
        const reply = await answer(url, edit, answers, revision);
        if (reply === "stale") throw new Stale(await fetchGraph(boot.urls.graph));
        return reply;
      },
      answered: (url, answers, reply) => void answered(url, answers, reply),
      reload: () => fetchGraph(boot.urls.graph),
      status: (now) => {
        setStatus(now);
        if (now === "saved") reopenInspector();
      },
      notice: (kind, detail) => toast(t(NOTICES[kind], { detail }), kind === "changed" ? "warning" : "danger"),
    }),
    [answered, boot, put],
  );
  const dispatch = useCallback((action: Action): void => {
    put(action);
    saver.touched();
  }, [put, saver]);
  const flush = useCallback(() => saver.flush(), [saver]);

  useEffect(() => connect({
    flush,
    card,
    ready: async (url) => {
      await saver.flush();
      return saver.has(url);
    },
    answer: (url, answers) => {
      put({ type: "answered", url, answers });
      saver.touched(0);
    },
    closed: () => listening.current.closed(),
  }), [card, flush, put, saver]);

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent): void => {
      leaveField();
      if (saver.atRisk()) { void saver.flush(); event.preventDefault(); }
    };
    const again = (): void => { saver.again(); reopenInspector(); };
    window.addEventListener("beforeunload", leave);
    window.addEventListener("online", again);
    window.addEventListener("signed-in", again);
    return () => {
      saver.stop();
      window.removeEventListener("beforeunload", leave);
      window.removeEventListener("online", again);
      window.removeEventListener("signed-in", again);
    };
  }, [saver]);

  const peek = useCallback(() => latest.current.now, []);
  return { state, status, dispatch, peek };
}
