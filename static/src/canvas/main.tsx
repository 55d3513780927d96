// Mounts the journey canvas on #canvas; everything it knows stands in the page as JSON.
import "@xyflow/react/dist/style.css";
import "./canvas.css";
import { createRoot } from "react-dom/client";
import { Canvas } from "./Canvas";
import { readBoot, readGraph, readManifest } from "./contract";

function json(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

const root = document.getElementById("canvas");
if (root) {
  createRoot(root).render(<Canvas boot={readBoot(json("canvas-boot"))} manifest={readManifest(json("node-kinds"))} graph={readGraph(json("graph"))} />);
}
