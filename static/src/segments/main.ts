// The look of the segment pages; what moves on them is htmx and <condition-editor>.
import "./segments.css";
