/** Turns groups that stand one below the other into tabs: arrow keys, Home and End go from one to the next. */

/** @type {Readonly<Record<string, (at: number, count: number) => number>>} */
const STEPS = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** @param {HTMLElement} box holds the groups, each with its name in `data-tab` */
export function makeTabs(box) {
  const panels = [...box.querySelectorAll("[data-tab]")].filter((panel) => panel instanceof HTMLElement);
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.label ?? "");
  const tabs = panels.map((panel) => tabFor(panel));
  list.append(...tabs);
  const show = (/** @type {number} */ chosen) => {
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      const panel = panels[at];
      if (panel) panel.hidden = at !== chosen;
    }
  };
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(at));
    tab.addEventListener("keydown", (event) => {
      const next = STEPS[event.key]?.(at, tabs.length);
      if (next === undefined) return;
      event.preventDefault();
      show(next);
      tabs[next]?.focus();
    });
  }
  show(Math.max(0, panels.findIndex((panel) => `#${panel.id}` === location.hash)));
  box.dataset.tabs = "on";
  box.prepend(list);
}

/** @param {HTMLElement} panel */
function tabFor(panel) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.id = `${panel.id}-tab`;
  tab.textContent = panel.dataset.tab ?? "";
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", panel.id);
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", tab.id);
  return tab;
}
