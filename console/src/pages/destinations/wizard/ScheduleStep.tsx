import Container from '@cloudscape-design/components/container';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSandbox } from '../../../api/me';
import { errorAt } from '../../../components/field-errors';
import { useT } from '../../../i18n/messages';
import { type DestinationType, useSegmentNames } from '../queries';
import type { ChosenSegment } from './draft';

interface Props {
  type: DestinationType;
  segments: readonly ChosenSegment[];
  onChange: (segments: ChosenSegment[]) => void;
  error: unknown;
}

/** What the destination calls each segment, and on which days it is given it. */
export function ScheduleStep({ type, segments, onChange, error }: Props) {
  const t = useT();
  const nameOf = useSegmentNames(useSandbox());
  const put = (at: number, changed: Partial<ChosenSegment>) =>
    onChange(segments.map((segment, index) => (index === at ? { ...segment, ...changed } : segment)));
  return (
    <SpaceBetween size="l">
      {segments.map(({ segmentId, mappingId, startDate, endDate }, at) => (
        <Container
          key={segmentId}
          header={
            <Header variant="h3">
              <span dir="auto" className="breaks">
                {nameOf(segmentId)}
              </span>
            </Header>
          }
        >
          <div className="fields">
            <FormField
              label={t('destinations.mappingId')}
              description={
                type.mappingId === null ? t('destinations.mappingId.free') : <span lang="en">{type.mappingId}</span>
              }
              errorText={errorAt(error, `/segments/${at}/mappingId`)}
            >
              <Input value={mappingId} onChange={({ detail }) => put(at, { mappingId: detail.value })} />
            </FormField>
            <FormField
              label={t('destinations.startDate')}
              description={t('destinations.startDate.detail')}
              errorText={errorAt(error, `/segments/${at}/startDate`)}
            >
              <DatePicker
                value={startDate}
                placeholder="YYYY/MM/DD"
                onChange={({ detail }) => put(at, { startDate: detail.value })}
              />
            </FormField>
            <FormField
              label={t('destinations.endDate')}
              description={t('destinations.endDate.detail')}
              errorText={errorAt(error, `/segments/${at}/endDate`)}
            >
              <DatePicker
                value={endDate}
                placeholder="YYYY/MM/DD"
                onChange={({ detail }) => put(at, { endDate: detail.value })}
              />
            </FormField>
          </div>
        </Container>
      ))}
    </SpaceBetween>
  );
}
