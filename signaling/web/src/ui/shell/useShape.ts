import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { shapeOf } from "../../model/shape";
import { shape } from "../../state/panels";

/** Follows the size of the shell, and the size of its text by a probe of 1 rem. */
export function useShape(shell: RefObject<HTMLElement | null>, probe: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const measure = () => {
      const room = shell.current;
      const rem = probe.current?.offsetWidth || 16;
      if (!room) return;
      shape.value = shapeOf(room.clientWidth / rem, room.clientHeight / rem);
      // Set here too, so that no frame is painted with a layout that does not fit.
      room.dataset.shape = shape.value;
    };
    const observer = new ResizeObserver(measure);
    if (shell.current) observer.observe(shell.current);
    if (probe.current) observer.observe(probe.current);
    measure();
    return () => observer.disconnect();
  }, []);
}
