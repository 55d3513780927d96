// Undo, redo, paste, and which keys there are.
import { Icon } from "./icons";
import { Popover } from "./Popover";
import { t } from "./words";

interface Props {
  past: boolean;
  future: boolean;
  onUndo: () => void;
  onRedo: () => void;
  onPaste: (text: string) => boolean;
}

const KEYS = (): [string, string][] => [
  ["← → ↑ ↓", t("from token to token")], ["Enter", t("open a token")], ["Alt ↑ ↓", t("move the row")], ["Alt → ←", t("into a group, out of it")],
  ["⇧ ↑ ↓", t("choose more rows")], ["Ctrl A, Esc", t("choose all, none")],
  ["Ctrl G", t("put into a group")], ["Ctrl D", t("duplicate")], ["Ctrl /", t("switch off and on")], ["!", t("turn into its opposite")],
  ["Ctrl C, X, V", t("copy, cut, paste")], ["Del", t("remove")], ["Ctrl Z, Ctrl ⇧ Z", t("undo, redo")],
];

export function Tools({ past, future, onUndo, onRedo, onPaste }: Props) {
  return (
    <span className="ce-tools">
      <button type="button" className="ce-quiet" aria-label={t("Undo")} title={t("Undo")} disabled={!past} onClick={onUndo}><Icon name="back" /></button>
      <button type="button" className="ce-quiet" aria-label={t("Redo")} title={t("Redo")} disabled={!future} onClick={onRedo}><Icon name="forward" /></button>
      <Popover css="ce-quiet" name={t("Paste conditions")} text={false} hint={t("Paste conditions")} label={<Icon name="clipboard" />}>
        {(close) => (
          <div className="ce-paste">
            <textarea data-first className="form-control form-control-sm" rows={4} aria-label={t("Copied conditions")} placeholder={t("Paste here what was copied from a segment")}
              onChange={(event) => { if (onPaste(event.target.value)) close(); }} />
          </div>
        )}
      </Popover>
      <Popover css="ce-quiet ce-keys" name={t("Keys")} text={false} hint={t("Keys")} label={<Icon name="keyboard" />}>
        {() => (
          <dl className="ce-key-list" data-first tabIndex={-1}>
            {KEYS().map(([key, text]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{text}</dd></div>)}
          </dl>
        )}
      </Popover>
    </span>
  );
}
