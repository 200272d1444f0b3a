import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FileTokenGroup from '@cloudscape-design/components/file-token-group';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { useT } from '../../../i18n/messages';
import { ChosenFiles, LeftOut } from './ChosenFiles';
import { FileChooser } from './FileChooser';
import { areMany, type Picked } from './files';
import type { Format, Look } from './mapping';
import { bytesOf } from './sizes';

interface Props {
  picked: Picked | null;
  look: Look | null;
  isLooking: boolean;
  format: Format | null;
  errorText?: string | undefined;
  /** The file only tells what others hold. */
  isSample?: boolean;
  onPick: (picked: Picked | null) => void;
  onFormat: (format: Format) => void;
}

/** Where files are dropped or chosen, and what is said about them. */
export function FileSection(props: Props) {
  const { picked, look, isLooking, format, errorText, isSample = false, onPick, onFormat } = props;
  const t = useT();
  const intl = useIntl();
  const hasFiles = picked !== null && picked.files.length > 0;
  return (
    <Container header={<Header variant="h2">{t(isSample ? 'segments.sample' : 'segments.upload.files')}</Header>}>
      <SpaceBetween size="m">
        <FormField
          stretch
          label={t('segments.upload.files.label')}
          description={t(isSample ? 'segments.sample.description' : 'segments.upload.files.description')}
          errorText={errorText}
        >
          <FileChooser onPick={onPick} />
        </FormField>
        {hasFiles && areMany(picked) && <ChosenFiles picked={picked} format={format} onChange={onPick} />}
        {hasFiles && !areMany(picked) && (
          <>
            <FileTokenGroup
              items={picked.files.map(({ file }) => ({ file }))}
              showFileSize
              onDismiss={() => onPick(null)}
              i18nStrings={{
                removeFileAriaLabel: () => t('segments.upload.file.remove'),
                formatFileSize: (bytes) => bytesOf(intl, bytes),
              }}
            />
            <LeftOut names={picked.leftOut} />
          </>
        )}
        {isLooking && <StatusIndicator type="loading">{t('segments.look.looking')}</StatusIndicator>}
        {hasFiles && look && <Written look={look} />}
        {hasFiles && !isLooking && (
          <FormField
            label={t('segments.upload.format')}
            description={format ? undefined : t('segments.upload.format.unknown')}
          >
            <Select
              selectedOption={format ? { value: format, label: FORMAT_NAMES[format] } : null}
              placeholder={t('segments.upload.format.choose')}
              options={Object.entries(FORMAT_NAMES).map(([value, label]) => ({ value, label }))}
              onChange={({ detail }) => onFormat(detail.selectedOption.value as Format)}
            />
          </FormField>
        )}
      </SpaceBetween>
    </Container>
  );
}

const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const;

/** How a file is written. */
function Written({ look }: { look: Look }) {
  const t = useT();
  const facts = [
    look.encoding && t(`segments.look.encoding.${look.encoding}`),
    look.packing && look.packing !== 'none' && t('segments.look.packing', { packing: look.packing }),
    look.delimiter &&
      t('segments.upload.rows.delimiter', { delimiter: t(`segments.delimiter.${DELIMITERS[look.delimiter]}`) }),
    look.hasHeader !== null && t(look.hasHeader ? 'segments.look.header' : 'segments.look.noHeader'),
    look.linesAbove ? t('segments.look.above', { lines: look.linesAbove }) : null,
  ];
  return <Box color="text-body-secondary">{facts.filter(Boolean).join(' ')}</Box>;
}

export const FORMAT_NAMES: Record<Format, string> = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' };
