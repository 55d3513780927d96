// A searchable list: groups, counts, keyboard; what is typed can be taken too where that makes sense.
import { useId, useMemo, useRef, useState } from "react";
import { Icon } from "./icons";
import { grouped, t } from "./words";

export interface Option {
  key: string;
  label: string;
  icon?: string | undefined;
  group?: string;
  count?: number | undefined;
  detail?: string | undefined;
}
interface Props {
  options: Option[];
  chosen?: string;
  search?: string;
  /** Options for what was typed and is not in the list. */
  typed?: ((text: string) => Option[]) | undefined;
  /** Show the first few of each group only. */
  fold?: boolean;
  onChoose: (option: Option) => void;
}
const SHOWN = 80;
const OF_A_GROUP = 6;
const MORE = "…";

export function matching(options: Option[], text: string): Option[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hit = (one: Option) => words.every((word) => one.label.toLowerCase().includes(word) || one.key.toLowerCase().includes(word));
  const begins = (one: Option) => one.label.toLowerCase().startsWith(words[0] ?? "");
  const found = options.filter(hit);
  return (words.length && !options.some((one) => one.group) ? [...found.filter(begins), ...found.filter((one) => !begins(one))] : found).slice(0, SHOWN);
}

/** The first few of each group, and a line that opens the rest of it. */
export function folded(options: Option[], open: ReadonlySet<string>): Option[] {
  const names = [...new Set(options.map((one) => one.group ?? ""))];
  if (names.length < 2) return options;
  return names.flatMap((group) => {
    const inside = options.filter((one) => (one.group ?? "") === group);
    if (open.has(group) || inside.length <= OF_A_GROUP + 1) return inside;
    const rest = { key: MORE + group, label: t("Show {n} more", { n: inside.length - OF_A_GROUP }), icon: "dots", ...(group ? { group } : {}) };
    return [...inside.slice(0, OF_A_GROUP), rest];
  });
}

export function Choose({ options, chosen, search, typed, fold = false, onChoose }: Props) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => {
    if (!text.trim()) return fold ? folded(options, open) : options;
    const found = matching(options, text);
    const exact = found.some((one) => one.label === text.trim() || one.key === text.trim());
    return typed && !exact ? [...found, ...typed(text.trim())] : found;
  }, [options, text, typed, fold, open]);
  const [at, setAt] = useState(() => Math.max(0, shown.findIndex((one) => one.key === chosen)));
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const searchable = search !== undefined && (options.length > 7 || typed !== undefined);
  const go = (next: number) => {
    const place = (next + shown.length) % Math.max(shown.length, 1);
    setAt(place);
    list.current?.children[place]?.scrollIntoView?.({ block: "nearest" });
  };
  const take = (option: Option | undefined) => {
    if (!option) return;
    if (option.key.startsWith(MORE)) setOpen(new Set([...open, option.key.slice(MORE.length)]));
    else onChoose(option);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 8, shown.length - 1), PageUp: Math.max(at - 8, 0) }[event.key];
    if (move !== undefined) go(move);
    else if (!searchable && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const begins = (index: number) => shown[index % shown.length]!.label.toLowerCase().startsWith(event.key.toLowerCase());
      const next = shown.findIndex((_, index) => begins(at + 1 + index));
      if (next >= 0) go(at + 1 + next);
    }
    else if (event.key === "Enter") take(shown[Math.min(at, shown.length - 1)]);
    else return;
    event.preventDefault();
  };
  const active = shown[at] ? `${id}-${at}` : undefined;
  return (
    <div className="ce-choose" onKeyDown={onKeyDown}>
      {searchable && (
        <input data-first className="form-control form-control-sm" value={text} placeholder={search} aria-label={search} role="combobox"
          aria-expanded="true" aria-controls={id} aria-activedescendant={active} autoComplete="off" onChange={(event) => { setText(event.target.value); setAt(0); }} />
      )}
      <ul ref={list} id={id} role="listbox" tabIndex={searchable ? -1 : 0} aria-activedescendant={active} aria-label={search ?? t("Choose")}
        {...(searchable ? {} : { "data-first": true })}>
        {shown.map((one, index) => (
          <li key={one.key} id={`${id}-${index}`} role="option" aria-selected={index === at} data-key={one.key} onPointerMove={() => setAt(index)} onClick={() => take(one)}>
            {one.group && one.group !== shown[index - 1]?.group && <span className="ce-option-group">{one.group}</span>}
            <span className="ce-option">
              {one.icon && <Icon name={one.icon} />}
              <span className="ce-option-label">{one.label}{one.detail && <small>{one.detail}</small>}</span>
              {one.key === chosen && <Icon name="check" />}
              {one.count !== undefined && <span className="ce-count">{grouped(one.count)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="ce-none">{typed ? t("Nothing yet: type it.") : t("Nothing found.")}</p>}
    </div>
  );
}
