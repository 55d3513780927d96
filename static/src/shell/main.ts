// The frame of every page: look, htmx, toasts, confirmation, search palette, keys and small elements.
import "./shell.css";
import "@tabler/core";
import "./htmx";
import "./elements";
import "./confirm";
import "./copy";
import "./csrf";
import "./guard";
import "./palette";
import "./session";
import "./tabs";
import "./theme";
import "./toasts";
import "./upload";
