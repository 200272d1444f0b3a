import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useIntl } from 'react-intl';
import { useT } from '../../../i18n/messages';
import { type Import, useReference } from '../queries';

/** The parts that could not be read, each with its reason and what to fix. */
export function FailedParts({ of: { parts, sourceId } }: { of: Import }) {
  const t = useT();
  const intl = useIntl();
  const reasons = useReference('reasons').data?.value.items ?? [];
  const nameOf = (reason: string) =>
    reasons.find(({ code, subject }) => code === reason && subject === 'upload')?.name ?? reason;
  const more = parts.failedTotal - parts.failed.length;
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header
          variant="h2"
          counter={`(${intl.formatNumber(parts.failedTotal)})`}
          description={
            <>
              {t(sourceId ? 'segments.parts.description.source' : 'segments.parts.description')}
              {more > 0 && ` ${t('segments.parts.more', { count: more })}`}
            </>
          }
        >
          {t('segments.parts')}
        </Header>
      }
      items={parts.failed}
      trackBy="name"
      ariaLabels={{ tableLabel: t('segments.parts') }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('segments.parts.part'),
          isRowHeader: true,
          cell: ({ name }) => (
            <span dir="auto" className="breaks">
              {name}
            </span>
          ),
          width: 280,
        },
        {
          id: 'reason',
          header: t('segments.rejects.reason'),
          cell: ({ error: { reason } }) => (
            <>
              {nameOf(reason)}
              <Box variant="small" color="text-body-secondary" display="block">
                {reason}
              </Box>
            </>
          ),
          width: 260,
        },
        {
          id: 'todo',
          header: t('segments.warnings.todo'),
          cell: ({ error: { reason, detail } }) => (
            <SpaceBetween size="xxs">
              <span dir="auto" className="breaks">
                {detail}
              </span>
              {REMEDIES.has(reason) && <span>{t(`segments.parts.remedy.${reason}`)}</span>}
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

/** What is to be done about a part, of the reasons that a person at the console can do something about. */
const REMEDIES: ReadonlySet<string> = new Set([
  'missing_column',
  'wrong_format',
  'damaged_file',
  'not_utf8',
  'malformed_csv',
  'malformed_json',
  'no_file',
  'file_replaced',
]);
