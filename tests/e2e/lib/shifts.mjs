// Whether anything moves that can be pressed: the boxes of controls, measured in every frame.

/** Begins to measure the controls within `selectors`; a control that appears or goes is no shift, one that moves is. */
export const watchShifts = (page, selectors) =>
  page.evaluate((selectors) => {
    const first = new Map();
    const shifts = (window.__shifts = []);
    const name = (each) => each.getAttribute("aria-label") ?? each.textContent;
    const measure = () => {
      for (const control of document.querySelectorAll(
        selectors.map((each) => `${each} :is(button, select, [role=button])`).join(", "),
      )) {
        if (!control.checkVisibility()) continue;
        const { x, y, width, height } = control.getBoundingClientRect();
        const box = [x, y, width, height].map((n) => Math.round(n * 2) / 2).join();
        if (!first.has(control)) first.set(control, box);
        else if (first.get(control) !== box) {
          shifts.push({ control: name(control), from: first.get(control), to: box });
          first.set(control, box);
        }
      }
      window.__measured = (window.__measured ?? 0) + 1;
      if (window.__shifts === shifts) requestAnimationFrame(measure);
    };
    measure();
  }, selectors);

/** What has moved since then, and in how many frames it was measured. */
export const shiftsOf = (page) => page.evaluate(() => ({ shifts: window.__shifts, frames: window.__measured }));
