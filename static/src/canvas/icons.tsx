// Icons that this island names itself; those of kinds come from the server.
import alert from "@tabler/icons/outline/alert-triangle.svg?raw";
import close from "@tabler/icons/outline/x.svg?raw";
import fit from "@tabler/icons/outline/maximize.svg?raw";
import list from "@tabler/icons/outline/list-tree.svg?raw";
import minus from "@tabler/icons/outline/minus.svg?raw";
import plus from "@tabler/icons/outline/plus.svg?raw";
import redo from "@tabler/icons/outline/arrow-forward-up.svg?raw";
import route from "@tabler/icons/outline/route.svg?raw";
import search from "@tabler/icons/outline/search.svg?raw";
import tidy from "@tabler/icons/outline/layout-grid.svg?raw";
import trash from "@tabler/icons/outline/trash.svg?raw";
import undo from "@tabler/icons/outline/arrow-back-up.svg?raw";

const OWN = { alert, close, fit, list, minus, plus, redo, route, search, tidy, trash, undo };

export function Icon({ name }: { name: keyof typeof OWN }) {
  return <span className="cv-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: OWN[name] }} />;
}

/** The coloured square of a kind. `markup` is the server's own SVG. */
export function Tile({ category, markup }: { category: string; markup: string | undefined }) {
  return <span className={`kind-tile kind-${category}`} dangerouslySetInnerHTML={{ __html: markup ?? "" }} />;
}
