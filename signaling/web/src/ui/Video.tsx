import { useEffect, useRef } from "preact/hooks";

interface Props {
  track: MediaStreamTrack | null | undefined;
  label: string;
  testid?: string;
  mirrored?: boolean;
  hidden?: boolean;
}

/** A picture. The track stays when its slot carries another source, so nothing flickers between two speakers. */
export function Video({ track, label, testid, mirrored, hidden }: Props) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = track ? new MediaStream([track]) : null;
    if (track) void video.play().catch(() => undefined);
  }, [track]);
  return (
    <video
      ref={ref}
      class={mirrored ? "mirrored" : undefined}
      aria-label={label}
      data-testid={testid}
      hidden={hidden}
      muted
      playsInline
      autoPlay
    />
  );
}
