import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { type ReactNode, useRef, useState } from 'react';
import { useIntl } from 'react-intl';
import { useSearchParams } from 'react-router';
import type { List } from '../api/queries';
import { useT } from '../i18n/messages';
import { keepJson, readJson } from '../i18n/preferences';
import { PageProblem } from './PageProblem';
import { ProblemAlert } from './ProblemAlert';

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What the column is searched and sorted by; without it, it is neither. */
  value?: (item: T) => string | number | null | undefined;
  isRowHeader?: boolean;
  /** Hidden until the person asks for it. */
  isHidden?: boolean;
  width?: number;
}

export interface Filter<T> {
  id: string;
  label: string;
  value: (item: T) => string | readonly string[];
  /** The words of each value, in the order of the list. */
  options: { value: string; label: string }[];
}

interface Props<T> {
  /** Under which the person's settings of this table are kept. */
  name: string;
  /** From useList, or made of what something else has read. */
  list: { data: List<T> | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  columns: Column<T>[];
  idOf: (item: T) => string;
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
  /** What is shown where there is nothing yet: what this is, and what to do first. */
  empty: { title: string; detail?: string; action?: ReactNode };
  filters?: Filter<T>[];
  /** `full-page` for a page that is this table: its title is then the page's. */
  variant?: Extract<TableProps.Variant, 'full-page' | 'container' | 'embedded'>;
  /** Newest, or another order, first. */
  sortBy?: { column: string; isDescending?: boolean };
  selection?: {
    type: 'single' | 'multi';
    selected: T[];
    onChange: (selected: T[]) => void;
    /** Rows that cannot be chosen; a cell says why. */
    isDisabled?: (item: T) => boolean;
  };
}

interface Kept {
  pageSize: number;
  wrapLines: boolean;
  hidden: string[];
}

const PAGE_SIZES = [20, 50, 100];

/** A list of things that is searched, filtered, sorted and paged in the browser. */
export function ResourceTable<T>(props: Props<T>) {
  const { name, list, columns, idOf, title, description, actions, empty, filters = [], sortBy, selection } = props;
  const { variant = 'container' } = props;
  const t = useT();
  const intl = useIntl();
  const [kept, keep] = useKept(name, columns);
  const [chosen, setChosen] = useChosen(filters, variant === 'full-page');
  const items = list.data?.items ?? [];
  const comparatorOf = useComparators(columns);
  const definitions = columns.map((column) => definitionOf(column, comparatorOf));
  const sortingColumn = definitions.find((definition) => definition.id === sortBy?.column);
  const collection = useCollection(items, {
    filtering: {
      empty: <Nothing {...empty} />,
      noMatch: (
        <Nothing
          title={t('table.noMatch')}
          detail={t('table.noMatch.detail')}
          action={<Button onClick={clear}>{t('table.clear')}</Button>}
        />
      ),
      filteringFunction: (item, text) => passes(item, filters, chosen) && holds(item, columns, text),
    },
    pagination: { pageSize: kept.pageSize },
    sorting: sortingColumn ? { defaultState: { sortingColumn, isDescending: sortBy?.isDescending ?? false } } : {},
  });

  function clear() {
    setChosen({});
    collection.actions.setFiltering('');
  }

  if (list.error && !list.data) {
    const failed = { error: list.error, onRetry: () => void list.refetch() };
    return variant === 'full-page' ? <PageProblem title={title} {...failed} /> : <ProblemAlert {...failed} />;
  }
  const matches = collection.filteredItemsCount ?? items.length;
  const isFiltered = collection.filterProps.filteringText !== '' || Object.values(chosen).some(Boolean);
  return (
    <Table<T>
      {...collection.collectionProps}
      variant={variant}
      stickyHeader={variant !== 'embedded'}
      resizableColumns
      wrapLines={kept.wrapLines}
      trackBy={idOf}
      items={[...collection.items]}
      columnDefinitions={definitions}
      columnDisplay={columns.map(({ id }) => ({ id, visible: !kept.hidden.includes(id) }))}
      loading={list.isPending}
      loadingText={t('common.loading')}
      enableKeyboardNavigation
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: title,
        itemSelectionLabel: (_, item) => String(columns[0]?.value?.(item) ?? idOf(item)),
        allItemsSelectionLabel: () => t('table.selectAll'),
      }}
      {...(selection && {
        selectionType: selection.type,
        selectedItems: selection.selected,
        isItemDisabled: selection.isDisabled ?? (() => false),
        onSelectionChange: ({ detail }) => selection.onChange(detail.selectedItems),
      })}
      header={
        <Header
          variant={variant === 'full-page' ? 'awsui-h1-sticky' : 'h2'}
          counter={list.data && `(${intl.formatNumber(items.length)}${list.data.isCut ? '+' : ''})`}
          description={list.data?.isCut ? t('table.cut', { count: items.length }) : description}
          actions={actions && <div className="row">{actions}</div>}
        >
          {title}
        </Header>
      }
      filter={
        items.length > 0 && (
          <div className="filters">
            <div className="search">
              <TextFilter
                {...collection.filterProps}
                filteringPlaceholder={t('table.search')}
                filteringAriaLabel={t('table.search')}
                countText={isFiltered ? t('table.matches', { count: matches }) : ''}
              />
            </div>
            {filters.map((filter) => (
              <Select
                key={filter.id}
                inlineLabelText={filter.label}
                selectedOption={
                  [{ value: '', label: t('table.any') }, ...filter.options].find(
                    (option) => option.value === (chosen[filter.id] ?? ''),
                  ) ?? null
                }
                options={[{ value: '', label: t('table.any') }, ...filter.options]}
                onChange={({ detail }) => {
                  setChosen({ ...chosen, [filter.id]: detail.selectedOption.value ?? '' });
                  collection.actions.setCurrentPage(1);
                }}
              />
            ))}
          </div>
        )
      }
      pagination={items.length > kept.pageSize && <Pagination {...collection.paginationProps} />}
      preferences={
        items.length > 0 && (
          <CollectionPreferences
            title={t('table.preferences')}
            confirmLabel={t('common.confirm')}
            cancelLabel={t('common.cancel')}
            preferences={{
              pageSize: kept.pageSize,
              wrapLines: kept.wrapLines,
              contentDisplay: columns.map(({ id }) => ({ id, visible: !kept.hidden.includes(id) })),
            }}
            pageSizePreference={{
              title: t('table.pageSize'),
              options: PAGE_SIZES.map((value) => ({ value, label: t('table.rows', { count: value }) })),
            }}
            wrapLinesPreference={{ label: t('table.wrap'), description: t('table.wrap.detail') }}
            contentDisplayPreference={{
              title: t('table.columns'),
              options: columns.map(({ id, header }, at) => ({ id, label: header, alwaysVisible: at === 0 })),
            }}
            onConfirm={({ detail }) =>
              keep({
                pageSize: detail.pageSize ?? kept.pageSize,
                wrapLines: detail.wrapLines ?? false,
                hidden: (detail.contentDisplay ?? []).filter(({ visible }) => !visible).map(({ id }) => id),
              })
            }
          />
        )
      }
    />
  );
}

function Nothing({ title, detail, action }: { title: string; detail?: string; action?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: 'l' }}>
      <SpaceBetween size="s">
        <div>
          <Box variant="strong" color="inherit">
            {title}
          </Box>
          {detail && (
            <Box variant="p" color="text-body-secondary">
              {detail}
            </Box>
          )}
        </div>
        {action}
      </SpaceBetween>
    </Box>
  );
}

function definitionOf<T>(
  { id, header, cell, value, isRowHeader, width }: Column<T>,
  comparatorOf: (id: string) => Comparator<T>,
): TableProps.ColumnDefinition<T> & { id: string } {
  return {
    id,
    header,
    cell,
    isRowHeader: isRowHeader ?? false,
    minWidth: 110,
    ...(width !== undefined && { width }),
    ...(value && { sortingField: id, sortingComparator: comparatorOf(id) }),
  };
}

type Comparator<T> = (one: T, other: T) => number;

/** One function for each column as long as the table stands, as Cloudscape tells columns apart by them. */
function useComparators<T>(columns: Column<T>[]): (id: string) => Comparator<T> {
  const latest = useRef(columns);
  latest.current = columns;
  const [made] = useState(() => new Map<string, Comparator<T>>());
  return (id) => {
    const known = made.get(id);
    if (known) return known;
    const read = (item: T) => latest.current.find((column) => column.id === id)?.value?.(item);
    const comparator: Comparator<T> = (one, other) => compare(read(one), read(other));
    made.set(id, comparator);
    return comparator;
  };
}

type Comparable = string | number | null | undefined;

/** Numbers by size, words as people sort them, and nothing first. */
export function compare(one: Comparable, other: Comparable): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one ?? '').localeCompare(String(other ?? ''), undefined, { numeric: true });
}

function holds<T>(item: T, columns: Column<T>[], text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return (
    !wanted ||
    columns.some(({ value }) =>
      String(value?.(item) ?? '')
        .toLowerCase()
        .includes(wanted),
    )
  );
}

function passes<T>(item: T, filters: Filter<T>[], chosen: Record<string, string>): boolean {
  return filters.every(({ id, value }) => {
    const wanted = chosen[id];
    return !wanted || [value(item)].flat().includes(wanted);
  });
}

/** What is chosen of each filter: of a page in its address, so that it can be linked to. */
function useChosen<T>(filters: Filter<T>[], isPage: boolean) {
  const [search, setSearch] = useSearchParams();
  const [held, hold] = useState<Record<string, string>>({});
  const known = filters.flatMap(({ id, options }) => {
    const value = search.get(id);
    return options.some((option) => option.value === value) ? [[id, value]] : [];
  });
  const address = (chosen: Record<string, string>) =>
    setSearch(
      (before) => {
        for (const { id } of filters) before.delete(id);
        for (const [id, value] of Object.entries(chosen)) if (value) before.set(id, value);
        return before;
      },
      { replace: true },
    );
  const inAddress: Record<string, string> = Object.fromEntries(known);
  return isPage ? ([inAddress, address] as const) : ([held, hold] as const);
}

function useKept<T>(name: string, columns: Column<T>[]): [Kept, (kept: Kept) => void] {
  const key = `handfast.table.${name}`;
  const [kept, setKept] = useState<Kept>(() => ({
    pageSize: 20,
    wrapLines: false,
    hidden: columns.filter(({ isHidden }) => isHidden).map(({ id }) => id),
    ...(readJson(key) as Partial<Kept> | null),
  }));
  return [
    kept,
    (changed) => {
      keepJson(key, changed);
      setKept(changed);
    },
  ];
}
