interface Part {
  count: number;
  kind: 'whole' | 'loss' | 'failure';
}

/** The parts of a whole as one small bar: a picture of numbers that stand beside it. */
export function MiniBar({ parts }: { parts: Part[] }) {
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  if (whole === 0) return null;
  let start = 0;
  return (
    <svg
      className="waterfall"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      width="100%"
      height="10"
      aria-hidden="true"
    >
      {parts.map(({ count, kind }) => {
        const x = start;
        start += (count / whole) * 100;
        return <rect key={kind} className={kind} x={x} width={(count / whole) * 100} height="10" />;
      })}
    </svg>
  );
}
