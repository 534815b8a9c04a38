// Contrast of everything on a page, computed from what the browser has drawn: of text with its ground 4.5 or more
// (WCAG 1.4.3), of boundaries of controls, icons and the focus with what is beside them 3 or more (WCAG 1.4.11).

import assert from "node:assert/strict";

const CONTROLS = "button, select, input, textarea, a[href], [role=button], [role=tab]";
const PSEUDO_CLASSES = { hover: ["hover"], focus: ["focus", "focus-visible"], active: ["active", "hover"] };

/** Measures a page in every state of its controls. What a state would change is drawn as if the pointer were on all of them. */
export async function checkContrast(page, what) {
  const session = await page.context().newCDPSession(page);
  await session.send("DOM.enable");
  await session.send("CSS.enable");
  const faults = new Set();
  const measure = async (state) => {
    for (const fault of await page.evaluate(faultsOfPage, CONTROLS)) faults.add(`${state}: ${fault}`);
  };
  await measure("default");
  for (const [state, classes] of Object.entries(PSEUDO_CLASSES)) {
    const { root } = await session.send("DOM.getDocument", { depth: -1 });
    const { nodeIds } = await session.send("DOM.querySelectorAll", { nodeId: root.nodeId, selector: CONTROLS });
    const force = (forcedPseudoClasses) =>
      Promise.all(
        nodeIds.map((nodeId) =>
          session.send("CSS.forcePseudoState", { nodeId, forcedPseudoClasses }).catch(() => undefined),
        ),
      );
    await force(classes);
    await measure(state);
    await page.evaluate(togglePressed);
    await measure(`${state}, pressed the other way`);
    await page.evaluate(togglePressed);
    await force([]);
  }
  await page.evaluate(disable, CONTROLS);
  await measure("disabled");
  await page.evaluate(enable);
  await session.detach();
  assert.deepEqual([...faults].sort(), [], `${what}: contrast`);
}

const togglePressed = () => {
  for (const name of ["aria-pressed", "aria-selected", "aria-expanded"]) {
    for (const each of document.querySelectorAll(`[${name}]`))
      each.setAttribute(name, each.getAttribute(name) === "true" ? "false" : "true");
  }
};

const disable = (controls) => {
  window.__enabled = [...document.querySelectorAll(controls)].filter((each) => "disabled" in each && !each.disabled);
  for (const each of window.__enabled) each.disabled = true;
};

const enable = () => {
  for (const each of window.__enabled) each.disabled = false;
};

/** Runs in the page: the pairs of colours that are too close. */
function faultsOfPage(controls) {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  /** A colour of any notation as red, green, blue and opacity. */
  const parse = (colour) => {
    const plain = colour.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
    if (plain) return [...plain.slice(1, 4).map(Number), plain[4] === undefined ? 1 : Number(plain[4])];
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((each, i) => each * a + below[i] * (1 - a)).concat(1);
  const luminance = ([r, g, b]) => {
    const [red, green, blue] = [r, g, b].map((each) =>
      (each /= 255) <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  /** What is drawn behind the content of an element. A video may show anything, so white is assumed, which is worst below white text. */
  const groundOf = (element) => {
    if (!element)
      return parse(getComputedStyle(document.documentElement).backgroundColor)[3]
        ? over(parse(getComputedStyle(document.documentElement).backgroundColor), [255, 255, 255])
        : [255, 255, 255, 1];
    const own = parse(getComputedStyle(element).backgroundColor);
    if (own[3] === 1) return own;
    const below =
      element.parentElement?.querySelector(":scope > video") && getComputedStyle(element).position === "absolute"
        ? [255, 255, 255, 1]
        : groundOf(element.parentElement);
    return over(own, below);
  };
  const nameOf = (element) =>
    `${element.localName}.${[...element.classList].join(".")} "${(element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40)}"`;
  const seen = (element) =>
    element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) &&
    element.getClientRects().length > 0 &&
    !element.closest(".hidden, .skip:not(:focus), [aria-hidden=true] .captions-place");
  const faults = [];
  const check = (what, one, other, wanted) => {
    const found = ratio(one, other);
    if (found < wanted) faults.push(`${what} ${found.toFixed(2)} < ${wanted}`);
  };
  const inScope = document.querySelector("dialog[open]") ?? document.body;
  for (const element of inScope.querySelectorAll("*")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    const isIcon = element.matches("svg.icon");
    const isField = element.matches("input:not([type=checkbox]), select, textarea");
    if (!(hasText || isIcon || isField) || element.matches("script, style, option, audio, video") || !seen(element))
      continue;
    const ground = groundOf(element);
    check(
      `${isIcon ? "icon in " : ""}${nameOf(isIcon ? element.parentElement.parentElement : element)}`,
      over(parse(getComputedStyle(element).color), ground),
      ground,
      isIcon ? 3 : 4.5,
    );
  }
  for (const control of inScope.querySelectorAll(controls)) {
    if (!seen(control)) continue;
    const style = getComputedStyle(control);
    const outside = groundOf(control.parentElement);
    const border = parse(style.borderBottomColor);
    const hasBorder = Number.parseFloat(style.borderBottomWidth) > 0 && border[3] > 0;
    const fill = groundOf(control);
    if (hasBorder && ratio(fill, outside) < 3)
      check(`boundary of ${nameOf(control)}`, over(border, outside), outside, 3);
    if (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2)
      check(`focus of ${nameOf(control)}`, over(parse(style.outlineColor), outside), outside, 3);
  }
  return faults;
}
