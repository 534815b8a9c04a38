import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../state/server-clock";

/** The server's time, read anew at an interval. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
