import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Pagination from '@cloudscape-design/components/pagination';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { errorAt } from '../../../components/field-errors';
import { useT } from '../../../i18n/messages';
import { kindOf } from '../kinds';
import type { Label, Namespace, Segment } from '../queries';
import { placesOf } from './body';
import type { Look, Mapping, Role } from './mapping';
import { ShapeCounts } from './results';
import '../segments.css';

const PER_PAGE = 25;
/** In the order of the list, by group. */
const ROLES: { group: string; roles: Role[] }[] = [
  { group: 'people', roles: ['profileId', 'phoneRegion', 'attribute'] },
  { group: 'segments', roles: ['segment', 'status'] },
  { group: 'consent', roles: ['share', 'tcf', 'gpp', 'shareAt'] },
];

type Guess = Look['columns'][number];

interface Props {
  mappings: Mapping[];
  /** Why each column was guessed to be what it is, while nobody has chosen otherwise. */
  guessed: (Guess | null)[];
  /** What the columns are of; none of a file that could not be looked at. */
  looked: Guess[];
  /** The columns that folders tell of, and nobody has mapped yet. */
  ofFolders: number[];
  namespaces: Namespace[];
  segments: Segment[];
  labels: Label[];
  error: unknown;
  onChange: (at: number, mapping: Mapping) => void;
  onAdd: (column: string) => void;
}

/** What each column holds: guessed first, and chosen by the person. */
export function ColumnsTable(props: Props) {
  const { mappings, guessed, looked, ofFolders, error, onAdd } = props;
  const t = useT();
  const [page, setPage] = useState(1);
  const [added, setAdded] = useState('');
  const places = placesOf(mappings);
  const errorOf = (at: number) => errorAt(error, `/columns/${places[at]}`);
  const rows = mappings.map((mapping, at) => ({ mapping, at })).slice((page - 1) * PER_PAGE, page * PER_PAGE);
  return (
    <Table
      variant="container"
      wrapLines
      header={
        <Header
          variant="h2"
          description={t('segments.upload.columns.description')}
          counter={`(${mappings.filter(({ as }) => as).length}/${mappings.length})`}
        >
          {t('segments.upload.columns')}
        </Header>
      }
      items={rows}
      trackBy={({ at }) => String(at)}
      empty={t('segments.upload.columns.empty')}
      ariaLabels={{ tableLabel: t('segments.upload.columns') }}
      pagination={
        mappings.length > PER_PAGE && (
          <Pagination
            currentPageIndex={page}
            pagesCount={Math.ceil(mappings.length / PER_PAGE)}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
          />
        )
      }
      footer={
        looked.length === 0 && (
          <FormField label={t('segments.upload.columns.add')} description={t('segments.upload.columns.add.detail')}>
            <SpaceBetween direction="horizontal" size="xs">
              <Input value={added} onChange={({ detail }) => setAdded(detail.value)} autoComplete={false} />
              <Button
                formAction="none"
                disabled={!added.trim()}
                onClick={() => {
                  onAdd(added.trim());
                  setAdded('');
                }}
              >
                {t('segments.upload.columns.add.button')}
              </Button>
            </SpaceBetween>
          </FormField>
        )
      }
      columnDefinitions={[
        {
          id: 'column',
          header: t('segments.upload.column'),
          isRowHeader: true,
          width: 240,
          minWidth: 180,
          cell: ({ mapping, at }) => (
            <>
              <div className="breaks" dir="auto">
                {mapping.column.slice(0, 200) || t('segments.upload.unnamed')}
              </div>
              <Box variant="small" color="text-body-secondary">
                {looked[at] && <ShapeCounts shapes={looked[at].shapes} />}
              </Box>
            </>
          ),
        },
        {
          id: 'as',
          header: t('segments.upload.column.as'),
          width: 320,
          minWidth: 260,
          cell: ({ mapping, at }) => (
            <div className="role">
              <RoleSelect {...props} mapping={mapping} at={at} />
              <Details {...props} mapping={mapping} at={at} />
              <Box color="text-status-error">{errorOf(at)}</Box>
            </div>
          ),
        },
        {
          id: 'reason',
          header: t('segments.upload.column.reason'),
          width: 260,
          minWidth: 200,
          cell: ({ at }) => {
            const guess = guessed[at];
            if (guess) return <Why guess={guess} />;
            return t(ofFolders.includes(at) ? 'segments.guess.folder' : 'segments.guess.chosen');
          },
        },
        {
          id: 'labels',
          header: t('segments.labels'),
          width: 200,
          minWidth: 180,
          cell: ({ mapping, at }) => <LabelSelect {...props} mapping={mapping} at={at} />,
        },
      ]}
    />
  );
}

/** The guess's reason with what was counted; what keeps it from being read is the API's own sentence. */
function Why({ guess }: { guess: Guess }) {
  const t = useT();
  const { reason, fitting, values, as, mapped, why } = guess;
  return (
    <>
      {t(`segments.guess.${reason}`, { fitting, values })}
      {as && !mapped && (
        <Box variant="small" color="text-status-warning" display="block">
          <span dir="auto">{why}</span>
        </Box>
      )}
    </>
  );
}

interface RowProps extends Props {
  mapping: Mapping;
  at: number;
}

const IDENTITY = 'identity:';
const NOTHING = '';

function RoleSelect({ mapping, at, namespaces, mappings, onChange }: RowProps) {
  const t = useT();
  const hasNamespaceColumn = mappings.some(({ as }) => as === 'namespace');
  const identities = [
    ...namespaces.map(({ code, name }) => ({ value: IDENTITY + code, label: name, description: code })),
    ...(hasNamespaceColumn || (mapping.as === 'identity' && !mapping.namespace)
      ? [
          {
            value: IDENTITY,
            label: t('segments.role.identity'),
            description: t(hasNamespaceColumn ? 'segments.role.identity.byColumn' : 'segments.role.identity.unknown'),
          },
        ]
      : []),
    { value: 'namespace', label: t('segments.role.namespace'), description: t('segments.role.namespace.detail') },
  ];
  const options: SelectProps.Options = [
    { value: NOTHING, label: t('segments.role.none'), description: t('segments.role.none.detail') },
    { label: t('segments.roles.identities'), options: identities },
    ...ROLES.map(({ group, roles }) => ({
      label: t(`segments.roles.${group}`),
      options: roles.map((value) => ({
        value,
        label: t(`segments.role.${value}`),
        description: t(`segments.role.${value}.detail`),
      })),
    })),
  ];
  const value = mapping.as === 'identity' ? IDENTITY + (mapping.namespace ?? '') : (mapping.as ?? NOTHING);
  const all = options.flatMap((option): SelectProps.Option[] => ('options' in option ? [...option.options] : [option]));
  const choose = (chosen: string) => {
    const { column, labels, answers } = mapping;
    const kept = { column, labels, answers };
    if (!chosen.startsWith(IDENTITY)) onChange(at, { ...kept, as: (chosen || null) as Role | null });
    else onChange(at, { ...kept, as: 'identity', namespace: chosen.slice(IDENTITY.length) || null });
  };
  return (
    <Select
      ariaLabel={t('segments.upload.column.as.label', { column: mapping.column.slice(0, 100) })}
      filteringType="auto"
      expandToViewport
      selectedOption={all.find((option) => option.value === value) ?? { value, label: mapping.namespace ?? value }}
      options={options}
      onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
    />
  );
}

/** What a role needs to know beside the column. */
function Details({ mapping, at, namespaces, segments, onChange }: RowProps) {
  const t = useT();
  const change = (changes: Partial<Mapping>) => onChange(at, { ...mapping, ...changes });
  const pick = (label: string, value: string, options: SelectProps.Option[], onPick: (value: string) => void) => (
    <Select
      expandToViewport
      inlineLabelText={label}
      filteringType={options.length > 10 ? 'auto' : 'none'}
      selectedOption={options.find((option) => option.value === value) ?? options[0] ?? null}
      options={options}
      onChange={({ detail }) => onPick(detail.selectedOption.value ?? '')}
    />
  );
  const namespace = namespaces.find(({ code }) => code === mapping.namespace);
  if (mapping.as === 'identity' && namespace?.hashesRaw) {
    const values = ['', 'hash', 'none'].map((value) => ({
      value,
      label: t(`segments.transform.${value || 'auto'}`),
      description: t(`segments.transform.${value || 'auto'}.detail`),
    }));
    const forms = ['', 'e164', 'national', 'digitsWithCountryCode'].map((value) => ({
      value,
      label: t(`segments.form.phone.${value || 'auto'}`),
    }));
    const isPhone = namespace.code.startsWith('Phone');
    return (
      <>
        {pick(t('segments.transform'), mapping.transform ?? '', values, (value) =>
          change({ transform: (value || null) as Mapping['transform'] }),
        )}
        {isPhone &&
          mapping.transform !== 'none' &&
          pick(t('segments.form.phone'), mapping.form ?? '', forms, (value) =>
            change({ form: (value || null) as Mapping['form'] }),
          )}
      </>
    );
  }
  if (mapping.as === 'share' || mapping.as === 'tcf' || mapping.as === 'gpp') {
    const options = [
      { value: '', label: t('segments.consent.person') },
      ...namespaces.map(({ code, name }) => ({ value: code, label: name, description: code })),
    ];
    return pick(t('segments.consent.of'), mapping.namespace ?? '', options, (value) =>
      change({ namespace: value || null }),
    );
  }
  if (mapping.as === 'segment') {
    const options = [
      { value: '', label: t('segments.segment.cells'), description: t('segments.segment.cells.detail') },
      ...segments
        .filter((segment) => kindOf(segment) === 'own')
        .map(({ segmentId, name }) => ({ value: segmentId, label: name, description: segmentId })),
    ];
    return pick(t('segments.segment.of'), mapping.name ?? '', options, (value) => change({ name: value || null }));
  }
  if (mapping.as === 'attribute')
    return (
      <Input
        ariaLabel={t('segments.attribute.name')}
        placeholder={mapping.column}
        value={mapping.name ?? ''}
        onChange={({ detail }) => change({ name: detail.value || null })}
      />
    );
  return null;
}

function LabelSelect({ mapping, at, labels, onChange }: RowProps) {
  const t = useT();
  if (!mapping.as || mapping.as === 'attribute') return t('common.none');
  const options = labels.map(({ code, name, description }) => ({
    value: code,
    label: code,
    description: description ?? name,
  }));
  return (
    <Multiselect
      ariaLabel={t('segments.upload.column.labels', { column: mapping.column.slice(0, 100) })}
      inlineTokens
      expandToViewport
      filteringType="auto"
      placeholder={t('segments.labels.choose')}
      options={options}
      selectedOptions={mapping.labels.map((code) => ({ value: code, label: code }))}
      onChange={({ detail }) =>
        onChange(at, { ...mapping, labels: detail.selectedOptions.map(({ value }) => value ?? '') })
      }
    />
  );
}
