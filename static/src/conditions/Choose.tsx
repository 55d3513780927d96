// A searchable list: groups, counts, keyboard; what is typed can be taken too where that makes sense.
import { useId, useMemo, useRef, useState } from "react";
import { Icon, type IconName } from "./icons";
import { grouped, t } from "./words";

export interface Option {
  key: string;
  label: string;
  icon?: IconName;
  group?: string;
  count?: number | undefined;
  detail?: string;
}
interface Props {
  options: Option[];
  chosen?: string;
  search?: string;
  /** Options for what was typed and is not in the list. */
  typed?: (text: string) => Option[];
  onChoose: (option: Option) => void;
}
const SHOWN = 80;

export function matching(options: Option[], text: string): Option[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hit = (one: Option) => words.every((word) => one.label.toLowerCase().includes(word) || one.key.toLowerCase().includes(word));
  return options.filter(hit).slice(0, SHOWN);
}

export function Choose({ options, chosen, search, typed, onChoose }: Props) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(() => Math.max(0, options.findIndex((one) => one.key === chosen)));
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const searchable = search !== undefined && (options.length > 7 || typed !== undefined);
  const shown = useMemo(() => {
    const found = matching(options, text);
    const exact = found.some((one) => one.label === text.trim() || one.key === text.trim());
    return text.trim() && typed && !exact ? [...found, ...typed(text.trim())] : found;
  }, [options, text, typed]);
  const go = (next: number) => {
    const place = (next + shown.length) % Math.max(shown.length, 1);
    setAt(place);
    list.current?.children[place]?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      go(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = shown[Math.min(at, shown.length - 1)];
      if (option) onChoose(option);
    }
  };
  const active = shown[at] ? `${id}-${at}` : undefined;
  return (
    <div className="ce-choose" onKeyDown={onKeyDown}>
      {searchable && (
        <input data-first className="form-control form-control-sm" value={text} placeholder={search} aria-label={search}
          role="combobox" aria-expanded="true" aria-controls={id} aria-activedescendant={active} autoComplete="off"
          onChange={(event) => { setText(event.target.value); setAt(0); }} />
      )}
      <ul ref={list} id={id} role="listbox" tabIndex={searchable ? -1 : 0} aria-activedescendant={active} aria-label={search ?? t("Choose")}
        {...(searchable ? {} : { "data-first": true })}>
        {shown.map((one, index) => (
          <li key={one.key} id={`${id}-${index}`} role="option" aria-selected={index === at} data-key={one.key}
            onPointerMove={() => setAt(index)} onClick={() => onChoose(one)}>
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
      {shown.length === 0 && <p className="ce-none">{t("Nothing found.")}</p>}
    </div>
  );
}
