import { useCollection } from '@cloudscape-design/collection-hooks';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useIntl } from 'react-intl';
import { useT } from '../../../i18n/messages';
import { bytesIn, type Chosen, isTable, ofAnotherFormat, type Picked, USUAL_BYTES } from './files';
import type { Format } from './mapping';
import { bytesOf } from './sizes';

const MOST_NAMED = 10;
const PAGE_SIZE = 10;

interface Props {
  picked: Picked;
  format: Format | null;
  onChange: (picked: Picked) => void;
}

/** The files that become one import, those that are left out, and what looks wrong about them. */
export function ChosenFiles({ picked, format, onChange }: Props) {
  const t = useT();
  const intl = useIntl();
  const { files, folder } = picked;
  const others = ofAnotherFormat(picked, format);
  const without = (left: readonly Chosen[]) =>
    onChange({ ...picked, files: files.filter((one) => !left.includes(one)) });
  const size = bytesOf(intl, bytesIn(files));
  const counted = t('segments.files.count', { count: files.length, size });
  return (
    <SpaceBetween size="s">
      <ExpandableSection
        headerText={folder ? t('segments.files.folder', { folder, counted }) : counted}
        headingTagOverride="h3"
      >
        <FileTable label={counted} files={files} onRemove={(file) => without([file])} />
      </ExpandableSection>
      <LeftOut names={picked.leftOut} />
      {bytesIn(files) > USUAL_BYTES && <Alert type="warning">{t('segments.files.much')}</Alert>}
      {isTable(picked) && <Alert type="warning">{t('segments.files.table')}</Alert>}
      {others.length > 0 && (
        <Alert
          type="warning"
          header={t('segments.files.others', { count: others.length })}
          action={
            <Button formAction="none" onClick={() => without(others)}>
              {t('segments.files.others.remove')}
            </Button>
          }
        >
          <Named names={others.map(({ name }) => name)} />
        </Alert>
      )}
    </SpaceBetween>
  );
}

/** Files that are no data by their names. */
export function LeftOut({ names }: { names: readonly string[] }) {
  const t = useT();
  if (!names.length) return null;
  return (
    <Box color="text-body-secondary">
      {t('segments.files.leftOut', { count: names.length })} <Named names={names} />
    </Box>
  );
}

/** Some names, and how many more there are. */
export function Named({ names }: { names: readonly string[] }) {
  const t = useT();
  const more = names.length - MOST_NAMED;
  return (
    <span dir="auto" className="breaks">
      {names.slice(0, MOST_NAMED).join(', ')}
      {more > 0 && ` ${t('segments.files.more', { count: more })}`}
    </span>
  );
}

function FileTable({ label, files, onRemove }: { label: string; files: Chosen[]; onRemove: (file: Chosen) => void }) {
  const t = useT();
  const intl = useIntl();
  const { items, filterProps, collectionProps, paginationProps } = useCollection(files, {
    filtering: { noMatch: t('table.noMatch'), fields: ['name'] },
    pagination: { pageSize: PAGE_SIZE },
  });
  return (
    <Table
      {...collectionProps}
      variant="borderless"
      items={items}
      trackBy="name"
      wrapLines
      ariaLabels={{ tableLabel: label }}
      filter={
        files.length > PAGE_SIZE && (
          <TextFilter
            {...filterProps}
            filteringPlaceholder={t('table.search')}
            filteringAriaLabel={t('table.search')}
          />
        )
      }
      pagination={files.length > PAGE_SIZE && <Pagination {...paginationProps} />}
      columnDefinitions={[
        {
          id: 'name',
          header: t('segments.upload.file'),
          isRowHeader: true,
          cell: ({ name }) => (
            <span dir="auto" className="breaks">
              {name}
            </span>
          ),
        },
        { id: 'size', header: t('segments.files.size'), cell: ({ file }) => bytesOf(intl, file.size), width: 120 },
        {
          id: 'remove',
          header: t('segments.files.actions'),
          cell: (file) => (
            <Button
              variant="inline-icon"
              formAction="none"
              iconName="close"
              ariaLabel={t('segments.files.remove', { name: file.name })}
              onClick={() => onRemove(file)}
            />
          ),
          width: 90,
        },
      ]}
    />
  );
}
