// What a screen reader is told: every text that comes into a live region, in order.

/** Runs in the page first. A region that comes with its text is not read, and neither is one that is hidden. */
export function watchLiveRegions() {
  window.__spoken = [];
  const LIVE = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]";
  const regionOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(LIVE);
  const urgencyOf = (region) =>
    region.getAttribute("aria-live") ?? (region.getAttribute("role") === "alert" ? "assertive" : "polite");
  const say = (region, text) => {
    const words = text.replace(/\s+/g, " ").trim();
    if (words && region.checkVisibility()) window.__spoken.push({ urgency: urgencyOf(region), text: words });
  };
  new MutationObserver((changes) => {
    const changed = new Set();
    for (const { type, target, addedNodes } of changes) {
      const region = regionOf(target);
      if (type === "characterData") {
        if (region) changed.add(region);
        continue;
      }
      for (const node of addedNodes) {
        if (region && region.isConnected) {
          if (node.nodeType === Node.TEXT_NODE) changed.add(region);
          else say(region, node.textContent);
        } else if (node.nodeType === Node.ELEMENT_NODE) {
          // An alert is read even if it comes with its text.
          for (const alert of [node, ...node.querySelectorAll("[role=alert]")])
            if (alert.matches("[role=alert]")) say(alert, alert.textContent);
        }
      }
    }
    for (const region of changed) say(region, region.textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
