// Every kind of step by category, to drag or to click; the same list, searchable, behind each "+".
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { Boot, Kind, Manifest } from "./contract";
import { Icon, Tile } from "./icons";
import { search } from "./rules";
import { t } from "./words";

export const DRAGGED = "application/x-omnichannel-kind";

interface PaletteProps { manifest: Manifest; boot: Boot; choose(kind: Kind): void }

export function Palette({ manifest, boot, choose }: PaletteProps) {
  const [typed, setTyped] = useState("");
  const hits = search([...manifest.kinds], typed);
  return (
    <aside className="cv-palette" aria-label={t("Steps")}>
      <label className="cv-search">
        <Icon name="search" />
        <input type="search" className="form-control form-control-sm" placeholder={t("Find a step")} aria-label={t("Find a step")} value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => { if (event.key === "Enter" && hits[0]) choose(hits[0]); }} />
      </label>
      {manifest.categories.map((category) => {
        const kinds = hits.filter((kind) => kind.category === category.key);
        return kinds.length > 0 && (
          <section key={category.key}>
            <h2>{category.label}</h2>
            {kinds.map((kind) => (
              <button key={kind.kind} type="button" className="cv-palette-item" draggable title={kind.help} data-kind={kind.kind}
                onDragStart={(event) => { event.dataTransfer.setData(DRAGGED, kind.kind); event.dataTransfer.effectAllowed = "copy"; }}
                onClick={() => choose(kind)}>
                <Tile category={kind.category} markup={boot.icons[kind.icon]} />{kind.label}
              </button>
            ))}
          </section>
        );
      })}
      {hits.length === 0 && <p className="cv-quiet">{t("No step fits “{typed}”.", { typed })}</p>}
    </aside>
  );
}

interface AddMenuProps { kinds: Kind[]; manifest: Manifest; boot: Boot; at: { x: number; y: number }; choose(kind: Kind): void; close(): void }

export function AddMenu({ kinds, manifest, boot, at, choose, close }: AddMenuProps) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const [place, setPlace] = useState(at);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const found = search(kinds, typed);
  const inOrder = typed ? found : manifest.categories.flatMap((category) => found.filter((kind) => kind.category === category.key));

  useLayoutEffect(() => {
    const size = box.current!.getBoundingClientRect();
    setPlace({ x: Math.max(8, Math.min(at.x, innerWidth - size.width - 8)), y: Math.max(8, Math.min(at.y, innerHeight - size.height - 8)) });
    box.current!.querySelector("input")!.focus();
  }, [at]);
  useEffect(() => {
    const outside = (event: PointerEvent): void => { if (!box.current?.contains(event.target as globalThis.Node)) close(); };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [close]);
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, typed]);

  const keys = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((chosen + step + inOrder.length) % Math.max(1, inOrder.length));
    else if (event.key === "Enter" && inOrder[chosen]) choose(inOrder[chosen]);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={box} className="cv-menu" role="dialog" aria-label={t("Add a step")} style={{ left: place.x, top: place.y }} onKeyDown={keys}>
      <label className="cv-search">
        <Icon name="search" />
        <input type="text" className="form-control form-control-sm" placeholder={t("What comes next?")} aria-label={t("Find a step")} role="combobox" aria-expanded="true"
          aria-controls={id} aria-activedescendant={inOrder[chosen] ? `${id}-${chosen}` : undefined} autoComplete="off" value={typed}
          onChange={(event) => { setTyped(event.target.value); setChosen(0); }} />
      </label>
      <ul id={id} role="listbox" aria-label={t("Steps")}>
        {inOrder.map((kind, index) => (
          <li key={kind.kind} id={`${id}-${index}`} role="option" aria-selected={index === chosen} data-kind={kind.kind}
            onPointerEnter={() => setChosen(index)} onClick={() => choose(kind)}>
            <Tile category={kind.category} markup={boot.icons[kind.icon]} />
            <span>{kind.label}<small>{kind.help}</small></span>
          </li>
        ))}
        {inOrder.length === 0 && <li className="cv-quiet">{t("No step fits “{typed}”.", { typed })}</li>}
      </ul>
    </div>
  );
}
