import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useT } from '../../../i18n/messages';
import type { FilePreview } from './file-preview';
import '../segments.css';

const SHOWN_ROWS = 8;
const SHOWN_COLUMNS = 40;

/** The first rows of a file as it was read here. */
export function FirstRows({ preview: { columns, rows, delimiter } }: { preview: FilePreview }) {
  const t = useT();
  const shown = rows.slice(0, SHOWN_ROWS).map((cells, at) => ({ at, cells }));
  const description = [
    t('segments.upload.rows.description'),
    delimiter && t('segments.upload.rows.delimiter', { delimiter: t(`segments.delimiter.${NAMES[delimiter]}`) }),
    columns.length > SHOWN_COLUMNS && t('segments.upload.rows.cut', { shown: SHOWN_COLUMNS, count: columns.length }),
  ];
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={description.filter(Boolean).join(' ')}>
          {t('segments.upload.rows')}
        </Header>
      }
      items={shown}
      trackBy={({ at }) => String(at)}
      empty={t('segments.upload.rows.empty')}
      ariaLabels={{ tableLabel: t('segments.upload.rows') }}
      columnDefinitions={columns.slice(0, SHOWN_COLUMNS).map((name, at) => ({
        id: String(at),
        header: <Cell>{name || t('segments.upload.unnamed')}</Cell>,
        cell: ({ cells }: { at: number; cells: string[] }) => <Cell>{cells[at] ?? ''}</Cell>,
        minWidth: 90,
      }))}
    />
  );
}

/** A cell of a file: text, in its own direction, cut. */
function Cell({ children }: { children: string }) {
  const cut = children.slice(0, 1000);
  return (
    <span className="cells" dir="auto" title={children.length > 24 ? cut : undefined}>
      {cut}
    </span>
  );
}

const NAMES = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const;
