import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import FileDropzone from '@cloudscape-design/components/file-dropzone';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useT } from '../../../i18n/messages';
import { MOST_BYTES } from './body';
import type { Format, Look } from './mapping';
import { bytesOf } from './sizes';

interface Props {
  file: File | null;
  look: Look | null;
  isLooking: boolean;
  format: Format | null;
  errorText?: string | undefined;
  onFile: (file: File | null) => void;
  onFormat: (format: Format) => void;
}

/** Where a file is dropped or chosen, and what is said about it. */
export function FileSection({ file, look, isLooking, format, errorText, onFile, onFormat }: Props) {
  const t = useT();
  const intl = useIntl();
  const [dropped, setDropped] = useState(0);
  const take = (files: File[]) => {
    setDropped(files.length);
    if (files.length < 2) onFile(files[0] ?? null);
  };
  const isTooLarge = file !== null && file.size > MOST_BYTES;
  return (
    <Container header={<Header variant="h2">{t('segments.upload.file')}</Header>}>
      <SpaceBetween size="m">
        <FormField
          label={t('segments.upload.file.label')}
          description={t('segments.upload.file.description')}
          errorText={isTooLarge ? t('segments.upload.file.large') : errorText}
        >
          <FileDropzone onChange={({ detail }) => take(detail.value)}>
            <SpaceBetween size="xs" alignItems="center">
              <span>{t('segments.upload.file.drop')}</span>
              <FileUpload
                value={file ? [file] : []}
                showFileSize
                onChange={({ detail }) => take(detail.value)}
                accept=".csv,.tsv,.txt,.ndjson,.jsonl,.parquet,.gz,.zst"
                i18nStrings={{
                  uploadButtonText: () => t('segments.upload.file.choose'),
                  dropzoneText: () => t('segments.upload.file.drop'),
                  removeFileAriaLabel: () => t('segments.upload.file.remove'),
                  formatFileSize: (bytes) => bytesOf(intl, bytes),
                }}
              />
            </SpaceBetween>
          </FileDropzone>
        </FormField>
        {dropped > 1 && (
          <Alert type="warning" header={t('segments.upload.several', { count: dropped })}>
            {t('segments.upload.several.detail')}
          </Alert>
        )}
        {isLooking && <StatusIndicator type="loading">{t('segments.look.looking')}</StatusIndicator>}
        {file && look && <Written look={look} />}
        {file && !isLooking && (
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
