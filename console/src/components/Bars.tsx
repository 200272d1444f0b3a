import type { BarChartProps } from '@cloudscape-design/components/bar-chart';
import Spinner from '@cloudscape-design/components/spinner';
import { type ComponentType, lazy, Suspense } from 'react';
import { useIntl } from 'react-intl';

// `lazy` forgets the type of the axis, which is a time here.
const BarChart = lazy(
  () =>
    import('@cloudscape-design/components/bar-chart') as unknown as Promise<{
      default: ComponentType<BarChartProps<Date>>;
    }>,
);

interface Props {
  label: string;
  series: { title: string; data: { at: Date; count: number }[] }[];
  height?: number;
  /** What is shown where there are no data. */
  empty: string;
}

/** Counts over time, stacked. The chart is loaded when it is first shown. */
export function Bars({ label, series, height = 200, empty }: Props) {
  const intl = useIntl();
  const drawn: BarChartProps<Date>['series'] = series.map(({ title, data }) => ({
    type: 'bar',
    title,
    data: data.map(({ at, count }) => ({ x: at, y: count })),
  }));
  return (
    <Suspense fallback={<Spinner />}>
      <BarChart
        ariaLabel={label}
        series={drawn}
        height={height}
        stackedBars
        hideFilter
        empty={empty}
        xScaleType="categorical"
        i18nStrings={{
          xTickFormatter: (at) => intl.formatDate(at, { month: 'short', day: 'numeric', hour: 'numeric' }),
          yTickFormatter: (count) => intl.formatNumber(count, { notation: 'compact' }),
        }}
      />
    </Suspense>
  );
}
