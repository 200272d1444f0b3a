import type { Schemas } from 'handfast-client';

interface Props {
  interval: Schemas['Interval'];
  /** What the whole width stands for. */
  widest: number;
  kind: 'whole' | 'part';
}

const FILLS = { whole: '#688ae8', part: '#2ea597' };

/** Where an estimate and the ends of its interval are, in percent of the width. */
export function placesOf({ estimate, low, high }: Schemas['Interval'], widest: number) {
  const at = (number: number) => (Math.min(Math.max(number, 0), widest) / widest) * 100;
  return { estimate: at(estimate), low: at(low), high: at(high) };
}

/** An estimate as a bar, with its 95 % interval as a line across its end. */
export function EstimateBar({ interval, widest, kind }: Props) {
  const { estimate, low, high } = placesOf(interval, widest);
  return (
    <svg viewBox="0 0 100 12" preserveAspectRatio="none" width="100%" height="16" role="presentation">
      <rect x="0" y="1" width={estimate} height="10" fill={FILLS[kind]} />
      <g stroke="currentColor" strokeWidth="1.5">
        <line x1={low} x2={high} y1="6" y2="6" vectorEffect="non-scaling-stroke" />
        <line x1={low} x2={low} y1="3" y2="9" vectorEffect="non-scaling-stroke" />
        <line x1={high} x2={high} y1="3" y2="9" vectorEffect="non-scaling-stroke" />
      </g>
    </svg>
  );
}
