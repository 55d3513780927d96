// Tabs that do not fit on a phone are pushed aside until the one that is open can be read.
for (const tab of document.querySelectorAll(".page-tabs [aria-current]")) {
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
}
