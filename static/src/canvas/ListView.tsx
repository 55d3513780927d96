// The same journey as a list that can be read from top to bottom, and edited: for phones and screen readers.
import { ChangeChip } from "./changes";
import { useAround } from "./context";
import type { Card } from "./contract";
import { lineFrom, type Drawing } from "./graph";
import { Icon, Tile } from "./icons";
import { cells, lineId } from "./report";
import { mayConnect } from "./rules";
import { Text } from "./Text";
import { grouped, percent, t } from "./words";

interface ListProps {
  chosen: string | undefined;
  remove(key: string): void;
  connect(source: string, port: string, target: string): void;
}

/** Cards in reading order: what follows stands below, branches one after the other, loose cards last. */
export function readingOrder(drawing: Drawing): Card[] {
  const byPlace = [...drawing.nodes].sort((a, b) => a.y - b.y || a.x - b.x);
  const byKey = new Map(byPlace.map((card) => [card.key, card]));
  const led = new Set(drawing.edges.map((edge) => edge.target));
  const order = new Set<Card>();
  const visit = (card: Card | undefined): void => {
    if (!card || order.has(card)) return;
    order.add(card);
    for (const port of card.ports) {
      const line = lineFrom(drawing, { source: card.key, port: port.name });
      if (line) visit(byKey.get(line.target));
    }
  };
  byPlace.filter((card) => !led.has(card.key)).forEach(visit);
  byPlace.forEach(visit);
  return [...order];
}

export function ListView({ chosen, remove, connect }: ListProps) {
  const { boot, drawing } = useAround();
  const order = readingOrder(drawing);
  const numbers = new Map(order.map((card, index) => [card.key, index + 1]));
  return (
    // Where there is nothing to press inside, the list itself takes the keys that scroll it.
    <ol className="cv-list" aria-label={t("Steps of this journey")} tabIndex={boot.mode === "design" ? undefined : 0}>
      {order.map((card) => (
        <ListItem key={card.key} card={card} numbers={numbers} chosen={card.key === chosen} remove={remove} connect={connect} />
      ))}
      {order.length === 0 && <li className="cv-quiet">{t("Nothing here yet. Add the first step.")}</li>}
    </ol>
  );
}

type ItemProps = Omit<ListProps, "chosen"> & { card: Card; numbers: ReadonlyMap<string, number>; chosen: boolean };

function ListItem({ card, numbers, chosen, remove, connect }: ItemProps) {
  const { boot, counts, inside, kindOf, oneOf, open } = useAround();
  const kind = kindOf(card.kind);
  const category = kind?.category ?? "end";
  return (
    <li className={`cv-list-card kind-${category}`} data-change={card.change || undefined} data-key={card.key} data-chosen={chosen ? "" : undefined}>
      <div className="cv-card-head">
        <span className="cv-list-number">{numbers.get(card.key)}</span>
        <Tile category={category} markup={boot.icons[kind?.icon ?? ""]} />
        {boot.mode === "design"
          ? <button type="button" className="cv-list-title" onClick={() => open(card.key)}>{card.title}</button>
          : <span className="cv-card-title">{card.title}</span>}
        {card.change ? <ChangeChip change={card.change} /> : <span className="cv-card-kind">{oneOf.get(category) === card.title ? "" : oneOf.get(category)}</span>}
        {boot.editable && (
          <button type="button" className="cv-round" aria-label={t("Delete {step}", { step: card.title })} onClick={() => remove(card.key)}><Icon name="trash" /></button>
        )}
      </div>
      {card.summary.replaceAll("**", "") !== card.title && <p className="cv-card-text"><Text>{card.summary}</Text></p>}
      {card.was && <p className="cv-card-was">{t("before:")} {card.was}</p>}
      {boot.mode === "design" && card.problems.map((problem) => (
        <p key={problem.text} className={problem.level === "error" ? "cv-card-problem" : "cv-card-hint"}><Icon name="alert" />{problem.text}</p>
      ))}
      {boot.mode === "report" && counts?.nodes[card.key] && (
        <p className="cv-numbers">
          {cells(kind, card, counts.nodes[card.key], inside, counts.untracked).map((cell) => (
            <a key={cell.label} href={`${boot.urls.people}?${cell.query}`} className={cell.tone ? `text-tone-${cell.tone}` : undefined}><strong>{cell.value}</strong> {cell.label}</a>
          ))}
        </p>
      )}
      {card.ports.map((port) => <WayOut key={port.name} card={card} port={port} numbers={numbers} connect={connect} />)}
    </li>
  );
}

function WayOut({ card, port, numbers, connect }: { card: Card; port: Card["ports"][number]; numbers: ReadonlyMap<string, number>; connect: ListProps["connect"] }) {
  const { boot, drawing, flows, kinds, ask } = useAround();
  const out = { source: card.key, port: port.name };
  const line = lineFrom(drawing, out);
  const flow = boot.mode === "report" ? flows.get(lineId(out)) : undefined;
  const targets = drawing.nodes.filter((other) => mayConnect(drawing, kinds, { ...out, target: other.key }));
  const said = port.label || t("then");
  const target = drawing.nodes.find((other) => other.key === line?.target);
  return (
    <div className="cv-list-way">
      <span className="cv-line-name"><b>{said}</b>{flow && <span>{grouped(flow.count)}{flow.share !== undefined && ` · ${percent(flow.share)}`}</span>}</span>
      {boot.editable ? (
        <span className="cv-list-to">
          <select className="form-select form-select-sm" aria-label={t("{port}: where {step} leads", { port: said, step: card.title })} value={line?.target ?? ""}
            onChange={(event) => connect(card.key, port.name, event.target.value)}>
            <option value="">{t("ends here")}</option>
            {targets.map((other) => <option key={other.key} value={other.key}>{numbers.get(other.key)}. {other.title}</option>)}
          </select>
          <button type="button" className="cv-round" aria-label={t("Add a step after {port}", { port: `${card.title}, ${said}` })} onClick={(event) => ask(out, event.currentTarget.getBoundingClientRect())}><Icon name="plus" /></button>
        </span>
      ) : <span>{target ? `${numbers.get(target.key)}. ${target.title}` : t("ends here")}</span>}
    </div>
  );
}
