import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import type { KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { Schemas } from 'handfast-client';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../../api/me';
import { KeyValues } from '../../../components/KeyValues';
import { NameOrId } from '../../../components/NameOrId';
import { useT } from '../../../i18n/messages';
import { inSandbox } from '../../../paths';
import { useSegmentNames } from '../queries';
import { FORMAT_NAMES } from './FileSection';

interface Props {
  title: string;
  reading: Pick<Schemas['SourceView'], 'format' | 'mode' | 'segmentId' | 'columns'>;
  more: KeyValuePairsProps.Item[];
}

/** How files are read: format, mode, segment, and what each column holds. */
export function ReadingFacts({ title, reading: { format, mode, segmentId, columns = [] }, more }: Props) {
  const t = useT();
  const intl = useIntl();
  const sandbox = useSandbox();
  const names = useSegmentNames(sandbox);
  const segment = segmentId && {
    label: t('segments.upload.segment'),
    value: (
      <NameOrId name={names.get(segmentId) ?? null} id={segmentId} href={inSandbox(sandbox, 'segments', segmentId)} />
    ),
  };
  const items = [
    ...more,
    ...(format ? [{ label: t('segments.upload.format'), value: FORMAT_NAMES[format] }] : []),
    ...(mode ? [{ label: t('segments.upload.mode'), value: t(`segments.mode.${mode}`) }] : []),
    ...(segment ? [segment] : []),
  ];
  return (
    <Container header={<Header variant="h2">{title}</Header>}>
      <SpaceBetween size="m">
        <KeyValues columns={4} items={items} />
        {columns.length > 0 && (
          <Table
            variant="embedded"
            wrapLines
            header={
              <Header variant="h3" counter={`(${intl.formatNumber(columns.length)})`}>
                {t('segments.upload.columns')}
              </Header>
            }
            items={columns}
            ariaLabels={{ tableLabel: t('segments.upload.columns') }}
            columnDefinitions={[
              {
                id: 'column',
                header: t('segments.upload.column'),
                isRowHeader: true,
                cell: ({ column }) => (
                  <span dir="auto" className="breaks">
                    {column}
                  </span>
                ),
              },
              {
                id: 'as',
                header: t('segments.upload.column.as'),
                cell: ({ as, namespace, name }) => (
                  <span dir="auto" className="breaks">
                    {[t(`segments.role.${as}`), namespace, name].filter(Boolean).join(' · ')}
                  </span>
                ),
              },
            ]}
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
