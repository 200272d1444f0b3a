import { useIntl } from 'react-intl';

export interface Step {
  label: string;
  /** How many are left out at this step. */
  count: number;
}

interface Props {
  /** What the whole is, such as *Members*, and how many. */
  from: Step;
  steps: Step[];
  /** What is left, such as *Shared*. */
  to: Step;
  /** What the figure shows, for those who do not see it. */
  label: string;
}

interface Bar extends Step {
  start: number;
  isLoss: boolean;
}

/** The bars of a waterfall: the whole, each loss where the one before ended, and what is left. */
export function barsOf(from: Step, steps: Step[], to: Step): Bar[] {
  let left = from.count;
  const losses = steps.map((step) => {
    left -= step.count;
    return { ...step, start: left, isLoss: true };
  });
  return [{ ...from, start: 0, isLoss: false }, ...losses, { ...to, start: 0, isLoss: false }];
}

/** Why a number differs from another: each reason with how many it takes away. A table whose bars are its picture. */
export function Waterfall({ from, steps, to, label }: Props) {
  const intl = useIntl();
  const whole = Math.max(from.count, 1);
  return (
    <table className="waterfall" aria-label={label}>
      <tbody>
        {barsOf(from, steps, to).map((bar) => (
          <tr key={bar.label}>
            <th scope="row" dir="auto">
              {bar.label}
            </th>
            <td className="count">
              {bar.isLoss ? '−' : ''}
              {intl.formatNumber(bar.count)}
            </td>
            <td className="picture" aria-hidden="true">
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" width="100%" height="14" role="presentation">
                <rect
                  className={bar.isLoss ? 'loss' : 'whole'}
                  x={(Math.max(bar.start, 0) / whole) * 100}
                  width={Math.max((bar.count / whole) * 100, bar.count > 0 ? 0.4 : 0)}
                  height="10"
                />
              </svg>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
